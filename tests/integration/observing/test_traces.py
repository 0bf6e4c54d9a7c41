"""One trace from Stripe's delivery over the worker to the callback, with nothing handed on by messages."""

import ipaddress
import time
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from ingress.origin import Peer
from ingress.webhook.committer import Committer
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Delivery, Door, receive
from shared import callbacks, data_keys, outbox, people, trace_ids, tracing
from shared.callbacks import Wanted
from shared.crypto import Reader
from shared.inbox import Inbox
from shared.people import Link, Person
from shared.rules.standing import Policy
from shared.setting_values import WebhookSecret
from tests.factories.deliveries import header
from tests.factories.events import event, raw
from tests.fakes.receiver import Receiver
from tests.running import until
from workers import callback_ledger
from workers.callbacks import Sending
from workers.failure import flood_of, policies_of
from workers.process import Processor

SECRET = WebhookSecret("one", "whsec_traces0123456789abcdef")
KEY = b"c" * 32


class Silent:
    """The doorbell of a broker that is away."""

    def expects_to_ring(self, urgency):
        return False

    def ring_for(self, kept):
        pass


@pytest.fixture
def door(pool, settings):
    inbox = Inbox(pool, public_key=settings.seal_public_key, lookup_key=settings.lookup_key)
    committer = Committer(inbox, Silent())
    yield Door(
        secrets=[SECRET],
        max_body_bytes=1_000_000,
        access_critical_types=frozenset(),
        keeper=committer,
        ready=lambda: True,
        metrics=Metrics(CollectorRegistry()),
        clock=time.time,
    )
    committer.close()


@pytest.fixture
def processor(pool, private_key, settings):
    return Processor(
        pool=pool,
        reader=Reader(private_key, data_keys.fetcher(pool)),
        policies=policies_of(settings),
        flood=flood_of(settings),
        lease_seconds={"crisis": 8, "standard": 30},
        livemode=None,
        worker="test",
    )


@pytest.fixture
def receiver(pool):
    receiver = Receiver()
    with pool.transaction() as own:
        callbacks.add(own, Wanted("backend", receiver.url, ["access:updated"]), actor="test", key=KEY)
    yield receiver
    receiver.close()


def deliver(door, **changes):
    usual = {"data.object.customer": "cus_1", "data.object.status": "active"}
    told = event("basil/customer.subscription.updated", **usual | changes)
    body = raw(told)
    sent = header(body, int(time.time()), SECRET)
    kept = receive(door, Delivery(encoding="", signature=sent, body=body, too_large=False, peer=Peer("10.0.0.1:40000")))
    assert kept.code in {"received", "duplicate"}
    return told["id"]


def call_back(pool):
    with pool.transaction() as own:
        outbox.assign_positions(own)
    with pool.transaction() as own:
        callback_ledger.hand(own)
        (endpoint,) = callbacks.listing(own)
    networks = [ipaddress.ip_network("127.0.0.0/8")]
    assert Sending(pool=pool, key=KEY, networks=networks, seconds=5, worker="test").send_next(endpoint.id)


def test_the_door_the_worker_and_the_callback_are_one_trace(collector, door, processor, receiver, pool, conn, settings):
    with pool.transaction() as own:
        linked = Link(person=Person(user_id="p"), stripe_customer_id="cus_1")
        people.link(own, linked, actor="test", lookup_key=settings.lookup_key, policy=Policy())
    conn.execute("DELETE FROM notices")
    event_id = deliver(door)
    row = conn.execute("SELECT id FROM events").fetchone()["id"]
    assert processor.process(row) == "processed"
    call_back(pool)
    deliver(door)  # once more
    spans = until(lambda: len(collector.spans) >= 4 and collector.spans, seconds=20)
    place = trace_ids.of_event(trace_ids.event_name(event_id, row))
    assert {span["trace"] for span in spans} == {place.trace_id}
    kept, again = (span for span in spans if span["name"] == "keep")
    processed, called = (next(span for span in spans if span["name"] == name) for name in ("process", "callback"))
    assert (kept["span"], kept["parent"]) == (place.span_id, "")
    assert again["parent"] == processed["parent"] == place.span_id
    assert called["parent"] == processed["span"]
    (_, headers, _, _) = receiver.requests[0]
    assert headers["traceparent"] == f"00-{place.trace_id}-{called['span']}-01"


def test_a_span_says_what_a_log_line_may_say(collector, door, conn):
    deliver(door)
    (span,) = until(lambda: collector.spans, seconds=20)
    assert set(span["about"]) == {f"carelane.{name}" for name in ("event_id", "row_id", "lane", "outcome", "type")}
    assert b"cus_1" not in b"".join(collector.bodies)


def test_an_event_that_cannot_be_read_is_in_its_trace_with_the_reason(collector, door, processor, conn):
    deliver(door, **{"data.object.status": 7})
    row = conn.execute("SELECT id FROM events").fetchone()["id"]
    assert processor.process(row) == "dead"
    spans = until(lambda: len(collector.spans) == 2 and collector.spans, seconds=20)
    failed = next(span for span in spans if span["name"] == "process")
    told = {name: value.string_value for name, value in failed["about"].items()}
    assert (told["carelane.state"], told["carelane.reason_code"]) == ("dead", "schema")
    assert {span["trace"] for span in spans} == {failed["trace"]}


def test_without_a_collector_nothing_is_traced_nor_written(door, processor, conn):
    assert not tracing.is_on()
    deliver(door)
    row = conn.execute("SELECT id FROM events").fetchone()["id"]
    processor.process(row)
    assert conn.execute("SELECT count(*) AS n FROM notices WHERE trace IS NOT NULL").fetchone()["n"] == 0


def test_without_the_extra_it_is_said_and_all_goes_on(settings, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "shared.tracing_sdk", None)
    tracing.start(replace(settings, otlp_endpoint="http://127.0.0.1:9"), "test")
    assert not tracing.is_on()
