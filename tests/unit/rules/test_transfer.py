"""A transfer's life, told in events: what is taken back adds up, and whole is final."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import placed

NOW = 1_740_000_000


def told(act: str, after_seconds: int = 0, shape: str = "basil", **changes: Any) -> Placed:
    keys = {f"data.object.{key}": value for key, value in changes.items()}
    return placed(f"{shape}/transfer.{act}", id=f"evt_{act}_{after_seconds}", created=NOW + after_seconds, **keys)


def taken_back(amount: int, after_seconds: int) -> Placed:
    return told("reversed", after_seconds, amount_reversed=amount, reversed=amount == 4500)


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_a_transfer_is_taken_back_in_parts_and_then_whole() -> None:
    folded = in_any_order(told("created"), taken_back(1500, 60), taken_back(3000, 120), taken_back(4500, 180))
    assert [step.to_status for step in folded.steps if step.moved] == ["created", "partially_reversed", "reversed"]
    assert (folded.state["amount_reversed"], folded.state["reversed"]) == (4500, True)


def test_a_whole_reversal_is_final() -> None:
    folded = in_any_order(taken_back(4500, 0), taken_back(1500, 60))
    assert (folded.status, folded.steps[1].reason) == ("reversed", "reversed is final")


def test_within_a_second_the_larger_sum_stands() -> None:
    first, second = taken_back(3000, 0), placed("basil/transfer.reversed", id="evt_other", created=NOW)
    folded = in_any_order(first, second)
    assert (folded.status, folded.state["amount_reversed"]) == ("partially_reversed", 3000)


def test_an_update_changes_what_it_tells_and_no_status() -> None:
    folded = in_any_order(told("created"), told("updated", 60, transfer_group="later"))
    assert [step.moved for step in folded.steps] == [True, False]
    assert folded.state["transfer_group"] == "later"


def test_a_reversal_that_shows_no_amount_is_one_all_the_same() -> None:
    folded = fold([told("created"), told("reversed", 60, amount_reversed=0)])
    assert (folded.status, folded.state["amount_reversed"]) == ("partially_reversed", 0)


@pytest.mark.parametrize("status", ["pending", "in_transit", "paid"])
def test_a_historic_transfer_reaches_its_bank_and_may_still_fail(status: str) -> None:
    facts = (
        told("created", shape="2016"),
        told("paid", 60, shape="2016", status=status),
        told("failed", 120, shape="2016"),
    )
    folded = in_any_order(*facts)
    assert [step.to_status for step in folded.steps] == ["created", "paid", "failed"]
    assert folded.state["failure_code"] == "account_closed"


def test_a_historic_failure_is_final() -> None:
    folded = in_any_order(told("failed", 0, shape="2016", status="paid"), told("paid", 60, shape="2016"))
    assert (folded.status, folded.steps[1].verdict) == ("failed", Verdict.CONFLICT)


def test_a_transfer_partly_taken_back_is_not_paid_anew() -> None:
    folded = in_any_order(
        told("reversed", 0, amount_reversed=100), told("paid", 60, shape="2016", id="tr_1RoWanTransfer0001")
    )
    assert folded.steps[1].reason == "partially_reversed does not lead to paid"
