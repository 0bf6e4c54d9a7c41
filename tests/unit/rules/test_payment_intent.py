"""A payment intent's life, told in events."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import placed

NOW = 1_740_000_000


def told(act: str, after_seconds: int, *, shape: str = "basil", **changes: Any) -> Placed:
    return placed(
        f"{shape}/payment_intent.{act}",
        id=f"evt_{act}_{after_seconds}",
        created=NOW + after_seconds,
        **{f"data.object.{key}": value for key, value in changes.items()},
    )


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_a_payment_fails_twice_and_then_succeeds() -> None:
    first, second, paid = told("payment_failed", 0), told("payment_failed", 60), told("succeeded", 120)
    folded = in_any_order(first, second, paid)
    assert folded.status == "succeeded"
    assert (folded.state["last_failed_at"], folded.state["last_error_code"]) == (second.occurred_at.isoformat(), None)
    assert fold([first]).state["last_decline_code"] == "insufficient_funds"


def test_a_payment_that_never_failed_says_so() -> None:
    assert fold([told("succeeded", 0)]).state["last_failed_at"] is None


@pytest.mark.parametrize("status", ["succeeded", "canceled"])
def test_a_late_failure_undoes_no_end(status: str) -> None:
    ended = told("succeeded", 0, status=status)
    folded = in_any_order(ended, told("payment_failed", 60))
    assert (folded.status, folded.state) == (status, fold([ended]).state)
    assert (folded.steps[1].verdict, folded.steps[1].reason) == (Verdict.CONFLICT, f"{status} is final")


def test_failure_and_success_in_one_second_are_a_success() -> None:
    assert in_any_order(told("succeeded", 0), told("payment_failed", 0)).status == "succeeded"


def test_an_invoice_once_named_stays_named() -> None:
    named, silent = told("payment_failed", 0, shape="acacia"), told("succeeded", 60)
    assert in_any_order(named, silent).state["invoice"] == "in_1RoWanSecond0002"
    assert fold([silent]).state["invoice"] is None
