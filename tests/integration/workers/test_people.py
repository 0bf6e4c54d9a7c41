"""From Stripe's events to what a person may use: the whole way, in any order of arrival."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from shared import access, people
from shared.people import Link, Person
from shared.rules import lanes
from shared.rules.standing import Policy
from tests.factories.arrivals import arrival
from tests.factories.events import event

CUSTOMER, SUBSCRIPTION, INVOICE = "cus_person", "sub_person", "in_person"
TODAY = datetime.now(UTC).replace(microsecond=0)


def told(name, days_ago, seconds=0, **changes):
    at = int((TODAY - timedelta(days=days_ago, seconds=-seconds)).timestamp())
    changes = {f"data.object.{key}": value for key, value in ({"customer": CUSTOMER} | changes).items()}
    return event(f"basil/{name}", id=f"evt_{name}_{days_ago}_{seconds}", created=at, **changes)


def subscription(act, status, days_ago, seconds=0):
    price = {"items.data.0.price.lookup_key": "premium_monthly"}
    return told(f"customer.subscription.{act}", days_ago, seconds, id=SUBSCRIPTION, status=status, **price)


def invoice(act, status, days_ago, seconds=0):
    belongs = {"parent.subscription_details.subscription": SUBSCRIPTION, "billing_reason": "subscription_cycle"}
    return told(f"invoice.{act}", days_ago, seconds, id=INVOICE, status=status, **belongs)


TRIAL = subscription("created", "trialing", 40)
ACTIVE = subscription("updated", "active", 30)
FAILED = [invoice("payment_failed", "open", 3), subscription("updated", "past_due", 3, 1)]
AGAIN = invoice("payment_failed", "open", 1)
PAID = [invoice("payment_succeeded", "paid", 0), subscription("updated", "active", 0, 1)]


@pytest.fixture
def carry(inbox, processor):
    def carry(*events):
        for one in events:
            kept = inbox.keep(arrival(one), nudged=True)
            if not kept.duplicate:
                assert processor.process(kept.row_id) == "processed"

    return carry


@pytest.fixture
def has(pool, settings):
    link = Link(person=Person(user_id="p"), stripe_customer_id=CUSTOMER)
    with pool.transaction() as own:
        people.link(own, link, actor="backend", lookup_key=settings.lookup_key, policy=Policy())

    def has():
        with pool.transaction() as own:
            return access.read(own, "p").decide(Policy())

    return has


def test_from_trial_to_a_failed_card_to_payment(carry, has):
    assert has().level == "essential"
    carry(TRIAL)
    assert (has().level, has().tier) == ("full", "trial")
    carry(ACTIVE)
    assert (has().level, has().tier, has().grace) == ("full", "premium", None)
    carry(FAILED[0])
    assert (has().tier, has().grace_is_active) == ("premium", True)
    carry(FAILED[1], AGAIN)
    assert (has().tier, has().grace.started_at) == ("grace_period", TODAY - timedelta(days=3))
    carry(PAID[0])
    assert (has().tier, has().grace) == ("premium", None)
    carry(PAID[1])
    assert (has().subscription_status, has().tier, has().grace) == ("active", "premium", None)


def test_every_order_ends_in_the_same_access(carry, has, conn):
    story = [ACTIVE, *FAILED, AGAIN]
    seen = set()
    for order in itertools.permutations(story):
        conn.execute("TRUNCATE events, event_bodies, attempts, subjects, facts, transitions, effects CASCADE")
        carry(*order, order[0])
        seen.add(has())
    (found,) = seen
    assert (found.tier, found.grace.started_at) == ("grace_period", TODAY - timedelta(days=3))


def test_a_subscription_that_ended_keeps_therapy_open_for_a_week(carry, has):
    carry(ACTIVE, subscription("deleted", "canceled", 2))
    assert (has().tier, has().grace.reason) == ("grace_period", "subscription_ended")
    assert "mood_tracking" in has().features


def test_a_change_is_told_when_its_event_is_carried(carry, has, conn):
    carry(ACTIVE, FAILED[1])
    told = conn.execute("SELECT data FROM notices WHERE kind = 'access:updated' ORDER BY id").fetchall()
    assert [row["data"]["tier"] for row in told] == ["none", "premium", "grace_period"]


def test_a_payment_in_grace_rides_the_crisis_lane(carry, has, inbox, conn):
    carry(ACTIVE, *FAILED)
    kept = inbox.keep(arrival(PAID[0]), nudged=True)
    assert (kept.lane, kept.urgency) == ("crisis", lanes.ACCESS_CRITICAL)
    other = inbox.keep(arrival(PAID[1]), nudged=True)
    assert other.lane == "standard"
