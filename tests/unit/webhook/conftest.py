"""A door of fakes with a clock that stands still."""

from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry

from ingress.front import Front, Limits
from ingress.webhook import answers
from ingress.webhook.app import create_app
from ingress.webhook.committer import Committer
from ingress.webhook.express import Express
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Door
from ingress.webhook.ringer import Ringer
from tests.factories.deliveries import PREVIOUS, SECRET, header
from tests.fakes.inbox import FakeDoorbell, FakeInbox

NOW = 1_790_000_000
MAX_BODY_BYTES = 20_000


@dataclass
class Bench:
    """The door and what stands behind it. What is rung is rung in a thread: `settled()` has waited for it."""

    door: Door
    inbox: FakeInbox
    doorbell: FakeDoorbell
    threads: tuple[Committer, Ringer]
    app: object

    def post(self, body, *, at=NOW, **headers):
        return self.app.test_client().post("/api/webhooks/stripe", data=body, headers=signed(body, at, headers))

    def counted(self, outcome):
        registry = self.door.metrics.registry
        return registry.get_sample_value("carelane_webhook_requests_total", {"outcome": outcome})

    def settled(self):
        for thread in self.threads:
            thread.close()
        return self


def signed(body, at, changes):
    """The headers of a good request with these changed; None takes one away."""
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return {
        name: value for name, value in ({"Stripe-Signature": header(body, at)} | named).items() if value is not None
    }


def build():
    inbox, doorbell = FakeInbox(), FakeDoorbell()
    ringer = Ringer(doorbell, not_nudged=inbox.not_nudged)
    committer = Committer(inbox, ringer)
    door = Door(
        secrets=(SECRET, PREVIOUS),
        max_body_bytes=MAX_BODY_BYTES,
        access_critical_types=frozenset({"invoice.payment_failed"}),
        keeper=committer,
        ready=inbox.ready,
        metrics=Metrics(CollectorRegistry()),
        clock=lambda: NOW + 0.9,
    )
    return Bench(door, inbox, doorbell, (committer, ringer), create_app(door))


@pytest.fixture
def bench():
    made = build()
    yield made
    made.settled()


@pytest.fixture
def front_of():
    """The front before a door, with its express route, as the process has it."""

    def made(bench):
        limits = Limits(threads=2, max_body_bytes=MAX_BODY_BYTES)
        return Front(
            bench.app, limits, express=Express(bench.door), refusal=answers.refusal, beat=int, close=bench.settled
        )

    return made
