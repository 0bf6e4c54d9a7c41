"""Thin events: what they name is asked for, and beside their snapshots everything happens once."""

import itertools
import json
from dataclasses import replace
from random import Random

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from ingress.cli.simulator.world import thin
from shared import parking, stripe_desk
from shared.errors import StripeRefuses
from shared.inbox import BACKFILL, RECONCILE
from tests.factories.arrivals import arrival
from tests.integration.stripe.conftest import api_of
from workers.thin import Thin
from workers.work import STRIPE_API_KEY

EVENTS = "SELECT event_id, source, state, reason_code FROM events ORDER BY id"
FACTS = "SELECT type, source, occurred_at, verdict FROM facts ORDER BY occurred_at, id"


def thin_of(receiver, api):
    settings, pool = receiver.settings, receiver.pool
    return Thin(
        api,
        pool,
        snapshots=stripe_desk.inbox(settings, pool, BACKFILL),
        objects=stripe_desk.inbox(settings, pool, RECONCILE),
        access_critical_types=settings.access_critical_types,
    ).settle


@pytest.fixture
def asks(receiver, api):
    """Let thin events be asked about from now on, of this client."""

    def asks(api=api):
        receiver.processor = replace(receiver.processor, thin=thin_of(receiver, api))

    asks()
    return asks


def keep(receiver, event):
    """As the door reads a thin event: its account is the last of its context."""
    document = event if event["object"] == "event" else {**event, "account": event["context"]}
    kept = arrival({**document, "created": START}, body=json.dumps(event).encode())
    return receiver.inbox.keep(kept, nudged=True)


@pytest.fixture
def pairs(world, clock):
    """A life, each step as the snapshot and as the thin event that tell it."""
    made = shapes.subscription("sub_1", created=START, customer="cus_1", status="trialing")
    told = [world.tell("customer.subscription.created", made)]
    for status in ("active", "past_due", "active"):
        clock.now += 60
        told.append(world.change("customer.subscription.updated", "subscription", "sub_1", status=status))
    clock.now += 60
    return [(one.event, thin(one)) for one in told]


def test_a_thin_event_alone_brings_what_its_snapshot_would_have_told(receiver, asks, pairs):
    for _, hint in pairs:
        keep(receiver, hint)
    receiver.carry()
    assert [row["source"] for row in receiver.query(FACTS)] == ["backfill"] * 4
    assert receiver.query("SELECT status, moves FROM subjects") == [{"status": "active", "moves": 4}]
    ended = {
        (row["state"], row["reason_code"]) for row in receiver.query(EVENTS) if row["event_id"].startswith("evt_test")
    }
    assert ended == {("processed", "snapshot")}


@pytest.mark.parametrize("seed", range(4))
def test_beside_its_twin_everything_happens_once_in_any_order(receiver_of, api, pairs, seed):
    snapshots, both = receiver_of(), receiver_of()
    for snapshot, _ in pairs:
        keep(snapshots, snapshot)
    snapshots.carry()
    both.processor = replace(both.processor, thin=thin_of(both, api))
    order = list(itertools.chain(*pairs)) * 2
    Random(seed).shuffle(order)
    for number, event in enumerate(order):
        keep(both, event)
        if number % 3 == seed % 3:
            both.carry()
    both.carry()
    for query in (
        "SELECT type, occurred_at, verdict, data FROM facts ORDER BY occurred_at",
        "SELECT position, from_status, to_status, occurred_at FROM transitions ORDER BY position",
        "SELECT status, state, moves FROM subjects",
        "SELECT kind, recipient, data FROM notices ORDER BY id",
    ):
        assert both.query(query) == snapshots.query(query)


def test_without_a_snapshot_the_object_is_brought_as_it_stands(receiver, world, asks, pairs):
    world.told.clear()
    keep(receiver, pairs[1][1])
    receiver.carry()
    assert [(row["type"], row["source"]) for row in receiver.query(FACTS)] == [("fetched.subscription", "reconcile")]
    assert receiver.query("SELECT status FROM subjects") == [{"status": "active"}]


def test_of_many_about_one_object_a_single_one_asks_for_it(receiver, world, faults, asks, pairs):
    world.told.clear()
    keep(receiver, pairs[0][1])
    receiver.carry()
    faults.asked = 0
    for _, hint in pairs[1:]:
        keep(receiver, hint)
    receiver.carry()
    assert faults.asked == 3  # each for its own event, none for the object
    assert len(receiver.query(FACTS)) == 1
    assert [row["reason_code"] for row in receiver.query(EVENTS) if row["source"] == "webhook"] == ["object"] + [
        "known"
    ] * 3


def test_an_account_of_the_second_kind_is_known_under_its_own_name(receiver, world, asks):
    world.put(shapes.account("acct_1", created=START, enabled=True))
    hint = {
        "id": "evt_test_2",
        "object": "v2.core.event",
        "type": "v2.core.account[requirements].updated",
        "created": "2026-09-21T13:46:40.250Z",
        "livemode": False,
        "context": None,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    keep(receiver, hint)
    receiver.carry()
    assert receiver.query("SELECT subject_id, account, status FROM subjects") == [
        {"subject_id": "acct_1", "account": "acct_1", "status": "completed"}
    ]


def test_what_stripe_shows_no_more_ends_with_that_reason(receiver, world, asks, pairs):
    world.told.clear()
    world.things.clear()
    keep(receiver, pairs[0][1])
    receiver.carry()
    assert [(row["state"], row["reason_code"]) for row in receiver.query(EVENTS)] == [("ignored", "gone")]


def test_a_type_that_nobody_handles_asks_nobody(receiver, faults, asks, pairs):
    keep(receiver, {**pairs[0][1], "type": "v1.price.updated"})
    receiver.carry()
    assert [(row["state"], row["reason_code"]) for row in receiver.query(EVENTS)] == [("ignored", "no_handler")]
    assert faults.asked == 0


@pytest.mark.parametrize("fault", ["busy", "error", "garbage"])
def test_however_long_stripe_is_away_no_event_dies_of_it(receiver, stand_in, faults, asks, pairs, fault):
    faults.shares = {fault: 1.0}
    faults.retry_after = None
    asks(api_of(stand_in.url, failures=5, rest_seconds=3600))
    row_id = keep(receiver, pairs[0][1]).row_id
    for _ in range(30):
        assert receiver.processor.process(row_id) == "retrying"
        receiver.query("UPDATE events SET next_attempt_at = now() RETURNING id")
    (event,) = receiver.query("SELECT state, reason_class, reason_code FROM events")
    assert (event["state"], event["reason_class"], event["reason_code"]) == (
        "retrying", "transient", "stripe_breaker_open",
    )  # fmt: skip
    assert faults.asked == 5
    faults.forget()
    asks(api_of(stand_in.url))
    receiver.carry()
    assert receiver.query("SELECT status FROM subjects") == [{"status": "trialing"}]


def test_what_came_before_there_was_a_key_is_tried_again_with_one(receiver, api, pairs):
    keep(receiver, pairs[0][1])
    receiver.carry()
    assert [row["reason_code"] for row in receiver.query(EVENTS)] == ["no_stripe_api_key"]
    receiver.processor = replace(receiver.processor, thin=thin_of(receiver, api))
    with receiver.pool.transaction() as conn:
        assert parking.wake(conn, STRIPE_API_KEY) == 1
    receiver.carry()
    assert receiver.query("SELECT status FROM subjects") == [{"status": "trialing"}]


def test_a_time_limit_that_comes_while_stripe_is_waited_for_is_not_the_events_fault(receiver, pairs):
    class Slow:
        def get(self, *_, **__):
            raise SoftTimeLimitExceeded

    receiver.processor = replace(receiver.processor, thin=thin_of(receiver, Slow()))
    row_id = keep(receiver, pairs[0][1]).row_id
    assert receiver.processor.process(row_id) == "retrying"
    (event,) = receiver.query("SELECT reason_class, reason_code FROM events")
    assert (event["reason_class"], event["reason_code"]) == ("transient", "stripe_slow")


def test_a_key_without_the_right_is_a_dead_letter_that_says_so(receiver, api, pairs):
    class Forbidden:
        def get(self, *_, **__):
            raise StripeRefuses("the API key has no right to this at Stripe", code="stripe_forbidden")

    receiver.processor = replace(receiver.processor, thin=thin_of(receiver, Forbidden()))
    keep(receiver, pairs[0][1])
    receiver.carry()
    (event,) = receiver.query("SELECT state, reason_class, reason_code FROM events")
    assert (event["state"], event["reason_class"], event["reason_code"]) == ("dead", "invalid", "stripe_forbidden")
