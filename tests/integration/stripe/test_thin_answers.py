"""Thin events where Stripe's answer is no answer to them: none ends as if it had been resolved."""

from dataclasses import replace

import pytest

from ingress.cli.simulator import shapes
from ingress.cli.simulator.lives import START
from ingress.cli.simulator.world import thin
from shared import parking, stripe_desk
from shared.errors import StripeRefuses
from shared.inbox import BACKFILL, RECONCILE
from shared.stripe_modes import KEYS
from tests.integration.stripe.test_thin import EVENTS, keep
from workers.thin import Thin


def asking(receiver, api, *, livemode=None):
    settings, pool = receiver.settings, receiver.pool
    settle = Thin(
        api,
        pool,
        snapshots=stripe_desk.inbox(settings, pool, BACKFILL),
        objects=stripe_desk.inbox(settings, pool, RECONCILE),
        access_critical_types=settings.access_critical_types,
        livemode=livemode,
    ).settle
    receiver.processor = replace(receiver.processor, thin=settle)


@pytest.fixture
def told(world):
    made = shapes.subscription("sub_1", created=START, customer="cus_1", status="trialing")
    return world.tell("customer.subscription.created", made)


class Odd:
    def __init__(self, api, prefix, answer):
        self.api, self.prefix, self.answer = api, prefix, answer

    def get(self, path, **asked):
        if not path.startswith(self.prefix):
            return self.api.get(path, **asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return replace(self.api.get(path, **asked), document=self.answer)


@pytest.mark.parametrize("prefix", ["/v2/core/events/", "/v1/events/"])
def test_an_answer_that_is_no_event_is_asked_for_again(receiver, api, told, prefix):
    asking(receiver, Odd(api, prefix, {"ok": True}))
    row_id = keep(receiver, thin(told)).row_id
    assert receiver.processor.process(row_id) == "retrying"
    assert [row["reason_code"] for row in receiver.query(EVENTS)] == ["stripe_garbage"]


def test_an_object_that_the_key_may_not_see_is_a_dead_letter_and_not_gone(receiver, world, api, told):
    world.told.clear()
    forbidden = StripeRefuses("the API key has no right to this at Stripe", code="stripe_forbidden")
    asking(receiver, Odd(api, "/v1/subscriptions/", forbidden))
    keep(receiver, thin(told))
    receiver.carry()
    assert [(row["state"], row["reason_code"]) for row in receiver.query(EVENTS)] == [("dead", "stripe_forbidden")]


def test_a_burst_about_one_object_asks_for_it_once(receiver, world, clock, api, faults, told):
    type_ = "customer.subscription.updated"
    more = [world.change(type_, "subscription", "sub_1", quantity=quantity) for quantity in range(5)]
    hints = [thin(one) for one in (told, *more)]
    world.told.clear()
    clock.now += 60
    asking(receiver, api)
    rows = [keep(receiver, hint).row_id for hint in hints]
    faults.asked = 0
    for row_id in rows:  # and what was fetched waits
        assert receiver.processor.process(row_id) == "processed"
    assert faults.asked == len(hints) + 1
    # A later change is asked about all the same.
    clock.now += 60
    later = world.change(type_, "subscription", "sub_1", status="active")
    world.told.clear()
    clock.now += 5
    receiver.processor.process(keep(receiver, thin(later)).row_id)
    receiver.carry()
    assert receiver.query("SELECT status FROM subjects") == [{"status": "active"}]


def test_an_event_of_the_other_mode_waits_for_a_key_of_its_own(receiver, api, faults, told):
    asking(receiver, api, livemode=True)
    keep(receiver, thin(told))
    receiver.carry()
    assert [(row["state"], row["reason_code"]) for row in receiver.query(EVENTS)] == [("ignored", "no_stripe_api_key")]
    assert faults.asked == 0
    asking(receiver, api, livemode=False)
    with receiver.pool.transaction() as conn:
        assert (parking.wake(conn, KEYS[True]), parking.wake(conn, KEYS[False])) == (0, 1)
    receiver.carry()
    assert receiver.query("SELECT status FROM subjects") == [{"status": "trialing"}]
