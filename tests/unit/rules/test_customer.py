"""A customer's life, told in events."""

import itertools
from typing import Any

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed
from tests.factories.facts import placed

STUB = {"id": "cus_RoWan4CareLane", "object": "customer", "deleted": True}


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def story(**deleted: Any) -> Folded:
    created, updated = placed("basil/customer.created"), placed("basil/customer.updated")
    return in_any_order(created, updated, placed("basil/customer.deleted", **deleted))


def test_the_newest_fact_shows_the_customer() -> None:
    state = in_any_order(placed("basil/customer.created"), placed("basil/customer.updated")).state
    assert (state["status"], state["default_payment_method"], state["currency"]) == (
        "active",
        "pm_1RoWanCard0001",
        "usd",
    )


def test_a_deletion_is_final_although_its_object_does_not_say_deleted() -> None:
    folded = story()
    assert folded.status == "deleted"
    assert folded.state["currency"] == "usd"
    late = placed("basil/customer.updated", id="evt_late", created=1_750_000_000)
    assert fold([placed("basil/customer.deleted"), late]).steps[1].reason == "deleted is final"


def test_nothing_of_a_deleted_customer_pays_any_more() -> None:
    state = story().state
    assert (state["default_payment_method"], state["default_source"]) == (None, None)


def test_a_deletion_that_shows_a_stub_unsays_nothing() -> None:
    assert story(**{"data.object": STUB}).state == story().state
    assert fold([placed("basil/customer.deleted", **{"data.object": STUB})]).state["currency"] is None


def test_a_customer_found_deleted_by_another_type_is_deleted() -> None:
    found = placed("basil/customer.updated", id="evt_found", created=1_750_000_000, **{"data.object": STUB})
    assert in_any_order(placed("basil/customer.created"), found).status == "deleted"
