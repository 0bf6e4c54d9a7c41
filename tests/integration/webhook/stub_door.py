"""The webhook door on memory instead of PostgreSQL and Redis, for granian to start: everything before it is real."""

import time

import structlog
from prometheus_client import CollectorRegistry

from ingress.front import Front, Limits
from ingress.webhook import answers
from ingress.webhook.app import create_app
from ingress.webhook.committer import Committer
from ingress.webhook.express import Express
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Door
from ingress.webhook.ringer import Ringer
from tests.factories.deliveries import SECRET
from tests.fakes.inbox import FakeDoorbell, FakeInbox

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_SECONDS = 4.0
THREADS = 2


class SlowInbox(FakeInbox):
    """Takes a moment for an event whose account asks for it, so that a stop can come in between."""

    def keep_many(self, arrivals, *, nudged):
        if any(arrival.account == "acct_slow" for arrival in arrivals):
            time.sleep(1)
        return super().keep_many(arrivals, nudged=nudged)


def create() -> Front:
    inbox = SlowInbox()
    ringer = Ringer(FakeDoorbell(), not_nudged=inbox.not_nudged)
    committer = Committer(inbox, ringer)
    door = Door(
        secrets=(SECRET,),
        max_body_bytes=MAX_BODY_BYTES,
        access_critical_types=frozenset(),
        keeper=committer,
        ready=inbox.ready,
        metrics=Metrics(CollectorRegistry()),
        clock=time.time,
    )

    def close() -> None:
        committer.close()
        ringer.close()
        structlog.get_logger(__name__).info("closed", action="stub.closed")

    limits = Limits(threads=THREADS, max_body_bytes=MAX_BODY_BYTES, body_timeout_seconds=BODY_TIMEOUT_SECONDS)
    return Front(
        create_app(door), limits, express=Express(door), refusal=answers.refusal, beat=lambda: None, close=close
    )
