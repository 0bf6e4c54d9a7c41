"""What was given back of a charge, told in events."""

import itertools

import pytest

from shared.rules.charge import RULES
from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import placed

NOW = 1_740_000_000


def refund(amount_refunded: int, after_seconds: int) -> Placed:
    return placed(
        "basil/charge.refunded",
        id=f"evt_{amount_refunded}_{after_seconds}",
        created=NOW + after_seconds,
        **{
            "data.object.amount_refunded": amount_refunded,
            "data.object.refunded": amount_refunded == 1900,
            "data.previous_attributes": None,
        },
    )


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_parts_add_up_to_a_full_refund() -> None:
    folded = in_any_order(refund(500, 0), refund(900, 60), refund(1900, 120))
    assert [step.to_status for step in folded.steps] == ["partially_refunded", "partially_refunded", "refunded"]
    assert (folded.state["amount_refunded"], folded.state["refunded"]) == (1900, True)


def test_of_two_parts_in_one_second_the_larger_sum_is_the_later() -> None:
    state = in_any_order(refund(90, 0), refund(500, 0)).state
    assert (state["amount_refunded"], state["status"]) == (500, "partially_refunded")


def test_a_part_and_the_whole_in_one_second_are_the_whole() -> None:
    folded = in_any_order(refund(1900, 0), refund(500, 0))
    assert (folded.status, folded.needs_refetch) == ("refunded", False)


@pytest.mark.parametrize(
    ("first", "then", "status"),
    [(900, 500, "partially_refunded"), (1900, 500, "partially_refunded"), (500, 0, "none")],
)
def test_a_smaller_sum_that_is_told_later_is_the_newer_one(first: int, then: int, status: str) -> None:
    folded = in_any_order(refund(first, 0), refund(then, 60))
    assert (folded.status, folded.state["amount_refunded"]) == (status, then)
    assert folded.steps[1].verdict is Verdict.APPLIED


def test_a_charge_of_which_nothing_was_given_back_is_none() -> None:
    assert in_any_order(refund(0, 0), refund(500, 60)).status == "partially_refunded"


def test_a_fact_of_another_kind_has_no_sum() -> None:
    with pytest.raises(TypeError, match="invoice"):
        RULES.grown(placed("basil/invoice.payment_failed"))
