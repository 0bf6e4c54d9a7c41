"""Golden pairs: the same object in both payload shapes is the same fact."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas import catalog
from schemas.invoice import InvoiceFact
from schemas.reading import read_event
from schemas.setup_intent import SetupIntentFact
from schemas.subscription import SubscriptionFact
from tests.factories.events import ABSENT, event, raw
from tests.factories.facts import fact
from tests.factories.payloads import has

NEW_YEAR = datetime(2025, 1, 1, 12, tzinfo=UTC)
ITEMS = "data.object.items.data"


# What basil took away and put nowhere else in the same object.
NO_LONGER_TOLD: dict[str, dict[str, Any]] = {
    "invoice": {"paid_out_of_band": None},
    "payment_intent": {"invoice": None},
}


@pytest.mark.parametrize("type_", sorted(type_ for type_ in catalog.EVENT_TYPES if has("acacia", type_)))
def test_both_shapes_are_the_same_fact(type_: str) -> None:
    before = fact(f"acacia/{type_}")
    assert replace(before, **NO_LONGER_TOLD.get(before.kind, {})) == fact(f"basil/{type_}")


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_subscription_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/customer.subscription.created") == SubscriptionFact(
        subject_id="sub_1RoWanCareLane0001",
        status="active",
        customer="cus_RoWan4CareLane",
        price_id="price_1RoWanBasicMonthly",
        price_ids=("price_1RoWanBasicMonthly",),
        price_lookup_key="basic",
        price_lookup_keys=("basic",),
        tier_metadata="basic",
        quantity=1,
        current_period_start=NEW_YEAR,
        current_period_end=datetime(2025, 2, 1, 12, tzinfo=UTC),
        cancel_at_period_end=False,
        start=NEW_YEAR,
        latest_invoice="in_1RoWanFirst0001",
        default_payment_method="pm_1RoWanCard0001",
        collection_paused=False,
        collection_method="charge_automatically",
    )


def test_a_subscription_of_2018_is_read_from_its_plan() -> None:
    read = fact("2018/customer.subscription.created")
    assert isinstance(read, SubscriptionFact)
    assert (read.price_id, read.price_lookup_key, read.price_lookup_keys) == ("rowan-basic-2018", None, ())
    assert read.start == datetime(2018, 5, 1, 12, tzinfo=UTC)
    assert read.trial_end == datetime(2018, 5, 8, 12, tzinfo=UTC)
    assert read.collection_method == "charge_automatically"
    assert (read.cancel_at, read.collection_paused, read.latest_invoice) == (None, None, None)


def test_a_plan_alone_names_the_price() -> None:
    read = fact("2018/customer.subscription.created", **{ITEMS: []})
    assert isinstance(read, SubscriptionFact)
    assert (read.price_id, read.price_ids) == ("rowan-basic-2018", ("rowan-basic-2018",))


def test_of_several_items_all_prices_are_kept_and_the_last_end_counts() -> None:
    name = "basil/customer.subscription.created"
    one = event(name)["data"]["object"]["items"]["data"][0]
    other = one | {
        "price": one["price"] | {"id": "price_1RoWanPremium", "lookup_key": "premium"},
        "current_period_start": one["current_period_start"] - 86_400,
        "current_period_end": one["current_period_end"] + 86_400,
    }
    read = fact(name, **{ITEMS: [one, other], "data.object.plan": None, "data.object.quantity": None})
    assert isinstance(read, SubscriptionFact)
    assert read.price_ids == ("price_1RoWanBasicMonthly", "price_1RoWanPremium")
    assert read.price_lookup_keys == ("basic", "premium")
    assert read.current_period_start == datetime(2024, 12, 31, 12, tzinfo=UTC)
    assert read.current_period_end == datetime(2025, 2, 2, 12, tzinfo=UTC)
    assert read.quantity == 1


@pytest.mark.parametrize(("shape", "out_of_band"), [("acacia", False), ("basil", None)])
def test_a_failed_invoice_is_read_whole(*, shape: str, out_of_band: bool | None) -> None:
    assert fact(f"{shape}/invoice.payment_failed") == InvoiceFact(
        subject_id="in_1RoWanSecond0002",
        status="open",
        customer="cus_RoWan4CareLane",
        subscription="sub_1RoWanCareLane0001",
        billing_reason="subscription_cycle",
        collection_method="charge_automatically",
        attempt_count=1,
        next_payment_attempt=datetime(2025, 2, 4, 12, tzinfo=UTC),
        next_payment_attempt_stated=True,
        amount_due=1900,
        amount_paid=0,
        amount_remaining=1900,
        total=1900,
        currency="usd",
        paid_out_of_band=out_of_band,
    )


def test_no_further_try_differs_from_no_word_of_one() -> None:
    path = "data.object.next_payment_attempt"
    silent = fact("basil/invoice.payment_failed", **{path: ABSENT})
    final = fact("basil/invoice.payment_failed", **{path: None})
    assert isinstance(silent, InvoiceFact)
    assert isinstance(final, InvoiceFact)
    assert (silent.next_payment_attempt, silent.next_payment_attempt_stated) == (None, False)
    assert (final.next_payment_attempt, final.next_payment_attempt_stated) == (None, True)


@pytest.mark.parametrize(
    ("paid", "forgiven", "status"),
    [(True, False, "paid"), (True, True, "paid"), (False, True, "uncollectible"), (False, ABSENT, "open")],
)
def test_an_invoice_of_2018_has_its_status_from_what_stood_there_then(
    *, paid: bool, forgiven: Any, status: str
) -> None:
    changes = {"data.object.paid": paid, "data.object.forgiven": forgiven}
    assert fact("2018/invoice.payment_failed", **changes).status == status


def test_a_manual_invoice_has_no_subscription() -> None:
    read = fact("basil/invoice.payment_failed", **{"data.object.parent": None})
    assert isinstance(read, InvoiceFact)
    assert read.subscription is None


def test_a_setup_intent_is_read_whole() -> None:
    assert fact("basil/setup_intent.succeeded") == SetupIntentFact(
        subject_id="seti_1RoWan0001",
        status="succeeded",
        customer="cus_RoWan4CareLane",
        payment_method="pm_1RoWanCard0001",
        usage="off_session",
    )
    assert fact("basil/setup_intent.succeeded", **{"data.object.customer": None}).customer is None


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_renewal_tells_the_period_before_it_in_either_shape(shape: str) -> None:
    before = catalog.previous(read_event(raw(event(f"{shape}/customer.subscription.updated"))))
    assert before is not None
    assert before["current_period_end"] == "2025-02-01T12:00:00+00:00"
    assert before["latest_invoice"] == "in_1RoWanFirst0001"
