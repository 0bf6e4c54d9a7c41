"""A door of fakes with a clock that stands still."""

from dataclasses import dataclass

import pytest
from prometheus_client import CollectorRegistry

from ingress.webhook.app import create_app
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Door
from tests.factories.deliveries import PREVIOUS, SECRET, header
from tests.fakes.inbox import FakeDoorbell, FakeInbox

NOW = 1_790_000_000
MAX_BODY_BYTES = 20_000


@dataclass
class Bench:
    """The door and what stands behind it."""

    inbox: FakeInbox
    doorbell: FakeDoorbell
    registry: CollectorRegistry
    app: object

    def post(self, body, *, at=NOW, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"Stripe-Signature": header(body, at)} | named
        sent = {name: value for name, value in signed.items() if value is not None}
        return self.app.test_client().post("/api/webhooks/stripe", data=body, headers=sent)

    def counted(self, outcome):
        return self.registry.get_sample_value("carelane_webhook_requests_total", {"outcome": outcome})


@pytest.fixture
def bench():
    inbox, doorbell, registry = FakeInbox(), FakeDoorbell(), CollectorRegistry()
    door = Door(
        secrets=(SECRET, PREVIOUS),
        max_body_bytes=MAX_BODY_BYTES,
        access_critical_types=frozenset({"invoice.payment_failed"}),
        inbox=inbox,
        doorbell=doorbell,
        metrics=Metrics(registry),
        clock=lambda: NOW + 0.9,
    )
    return Bench(inbox, doorbell, registry, create_app(door))
