"""The webhook door on memory instead of PostgreSQL and Redis, for granian to start: everything before it is real."""

import time

import structlog
from prometheus_client import CollectorRegistry

from ingress.front import Front, Limits
from ingress.webhook import answers
from ingress.webhook.app import create_app
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Door
from tests.factories.deliveries import SECRET
from tests.fakes.inbox import FakeDoorbell, FakeInbox

MAX_BODY_BYTES = 1024 * 1024
BODY_TIMEOUT_SECONDS = 4.0
THREADS = 2


class SlowInbox(FakeInbox):
    """Takes a moment for an event whose account asks for it, so that a stop can come in between."""

    def keep(self, arrival, *, nudged):
        if arrival.account == "acct_slow":
            time.sleep(1)
        return super().keep(arrival, nudged=nudged)


def create() -> Front:
    door = Door(
        secrets=(SECRET,),
        max_body_bytes=MAX_BODY_BYTES,
        access_critical_types=frozenset(),
        inbox=SlowInbox(),
        doorbell=FakeDoorbell(),
        metrics=Metrics(CollectorRegistry()),
        clock=time.time,
    )
    limits = Limits(threads=THREADS, max_body_bytes=MAX_BODY_BYTES, body_timeout_seconds=BODY_TIMEOUT_SECONDS)
    return Front(create_app(door), limits, refusal=answers.refusal, beat=_beat, close=_tell_closed)


def _beat() -> None:
    pass


def _tell_closed() -> None:
    structlog.get_logger(__name__).info("closed", action="stub.closed")
