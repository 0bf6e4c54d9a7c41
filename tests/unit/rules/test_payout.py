"""A payout's life, told in events: paid is not the end of it."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed
from tests.factories.facts import placed

NOW = 1_740_000_000


def told(act: str, after_seconds: int = 0, **changes: Any) -> Placed:
    keys = {f"data.object.{key}": value for key, value in changes.items()}
    return placed(f"basil/payout.{act}", id=f"evt_{act}_{after_seconds}", created=NOW + after_seconds, **keys)


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_a_payout_arrives() -> None:
    folded = in_any_order(told("created"), told("updated", 60), told("paid", 120))
    assert [step.to_status for step in folded.steps] == ["pending", "in_transit", "paid"]
    assert folded.state["paid_at"] == folded.state["status_since"]


def test_what_was_paid_may_still_fail() -> None:
    paid, failed = told("paid"), told("failed", 86_400)
    folded = in_any_order(paid, failed)
    assert (folded.status, folded.state["failure_code"]) == ("failed", "account_closed")
    assert folded.state["paid_at"] == paid.occurred_at.isoformat()


def test_a_late_success_does_not_undo_a_failure() -> None:
    folded = in_any_order(told("failed"), told("paid", 60))
    assert (folded.status, folded.steps[1].reason) == ("failed", "failed is final")


@pytest.mark.parametrize(("act", "status"), [("paid", "paid"), ("failed", "failed"), ("canceled", "canceled")])
def test_the_type_says_what_became_of_it(act: str, status: str) -> None:
    folded = fold([told(act, status="in_transit")])
    assert folded.status == status
    assert (folded.state["paid_at"] is not None) is (act == "paid")


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_an_end_that_the_object_shows_outweighs_the_type(status: str) -> None:
    assert fold([told("paid", status=status)]).status == status


def test_a_canceled_payout_is_final() -> None:
    folded = in_any_order(told("created"), told("canceled", 60), told("paid", 120))
    assert (folded.status, folded.steps[2].reason) == ("canceled", "canceled is final")


def test_nothing_that_was_paid_is_on_its_way_again() -> None:
    folded = in_any_order(told("paid"), told("updated", 60))
    assert folded.steps[1].reason == "paid does not lead to in_transit"


def test_paid_and_failed_in_one_second_have_failed() -> None:
    assert in_any_order(told("failed"), told("paid")).status == "failed"


def test_when_it_was_paid_is_when_it_was_first() -> None:
    first = told("paid")
    assert in_any_order(first, told("updated", 60, status="paid")).state["paid_at"] == first.occurred_at.isoformat()
