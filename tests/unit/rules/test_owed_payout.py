"""What is owed to a creator, followed through the transfer and the payout that pay it, in every order."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from shared.rules.owed_payout import COMPLETED, FAILED, PENDING, PROCESSING, RULES, STEPS
from tests.factories.facts import placed

NOW = 1_740_000_000
HOUR, DAY = 3600, 86_400


def told(type_: str, after_seconds: int = 0, shape: str = "basil", **changes: Any) -> Placed:
    keys = {f"data.object.{key}": value for key, value in changes.items()}
    return placed(f"{shape}/{type_}", id=f"evt_{type_}_{after_seconds}", created=NOW + after_seconds, **keys)


def in_any_order(*told_: Placed) -> Folded:
    results = [fold(order, kind="owed_payout") for order in itertools.permutations(told_)]
    assert all(result == results[0] for result in results)
    return results[0]


def moves(folded: Folded) -> list[tuple[str | None, str]]:
    return [(step.from_status, step.to_status) for step in folded.steps if step.moved]


def test_money_leaves_and_arrives() -> None:
    arrived = told("payout.paid", DAY)
    folded = in_any_order(
        told("transfer.created"), told("payout.created", HOUR), told("payout.updated", 2 * HOUR), arrived
    )
    assert moves(folded) == [(None, PROCESSING), (PROCESSING, COMPLETED)]
    assert folded.state["completed_at"] == arrived.occurred_at.isoformat()
    assert folded.state["arrival_date"] == "2025-01-06T00:00:00+00:00"
    assert (folded.state["stripe_transfer_id"], folded.state["stripe_payout_id"]) == (
        "tr_1RoWanTransfer0001",
        "po_1RoWanPayout0001",
    )
    assert (folded.state["transfer_amount"], folded.state["payout_amount"]) == (4500, 4500)
    assert folded.state["failed_reason"] is None


def test_what_arrived_may_come_back_and_then_it_is_over() -> None:
    folded = in_any_order(told("payout.paid"), told("payout.failed", DAY), told("payout.paid", 2 * DAY))
    assert moves(folded) == [(None, COMPLETED), (COMPLETED, FAILED)]
    assert (folded.steps[2].verdict, folded.steps[2].reason) == (Verdict.CONFLICT, "FAILED is final")
    assert folded.state["failed_reason"] == "account_closed"
    assert folded.state["stripe_payout_id"] == "po_1RoWanPayout0001"


@pytest.mark.parametrize(
    ("told_", "reason"),
    [
        (told("payout.failed", DAY, failure_code=None), "failed"),
        (told("payout.failed", DAY, failure_code="no_account"), "no_account"),
        (told("payout.canceled", DAY), "canceled"),
        (told("payout.paid", DAY, status="failed", failure_code="declined"), "declined"),
        (told("transfer.failed", DAY, shape="2016"), "account_closed"),
        (told("transfer.failed", DAY, shape="2016", failure_code=None), "failed"),
        (told("transfer.reversed", DAY, amount_reversed=4500, reversed=True), "reversed"),
    ],
    ids=lambda value: value.type if isinstance(value, Placed) else value,
)
def test_money_that_will_not_come_has_failed_for_a_reason(told_: Placed, reason: str) -> None:
    folded = in_any_order(told("transfer.created"), told_)
    assert (folded.status, folded.state["failed_reason"]) == (FAILED, reason)


def test_the_first_reason_stands() -> None:
    back = told("transfer.reversed", DAY, amount_reversed=4500, reversed=True)
    folded = in_any_order(told("payout.failed"), back)
    assert (folded.state["failed_reason"], folded.state["amount_reversed"]) == ("account_closed", 4500)


def test_a_historic_transfer_is_paid_to_the_bank_itself() -> None:
    folded = in_any_order(told("transfer.created", shape="2016"), told("transfer.paid", DAY, shape="2016"))
    assert moves(folded) == [(None, PROCESSING), (PROCESSING, COMPLETED)]
    assert folded.state["arrival_date"] == "2016-07-14T12:00:00+00:00"


def test_a_transfer_made_and_paid_at_once_is_on_its_way() -> None:
    assert fold([told("transfer.created", shape="2016", status="paid")], kind="owed_payout").status == PROCESSING


@pytest.mark.parametrize("first", ["transfer.created", "payout.paid"])
def test_an_update_of_the_transfer_changes_no_status(first: str) -> None:
    folded = in_any_order(told(first), told("transfer.updated", DAY))
    assert len(moves(folded)) == 1
    assert folded.steps[1].verdict is not Verdict.CONFLICT


def test_an_update_alone_leaves_it_pending() -> None:
    assert fold([told("transfer.updated")], kind="owed_payout").status == PENDING
    whole = told("transfer.updated", amount_reversed=4500, reversed=True)
    assert fold([whole], kind="owed_payout").status == PENDING


@pytest.mark.parametrize(("first", "status"), [("transfer.created", PROCESSING), ("payout.paid", COMPLETED)])
def test_a_part_taken_back_is_noted_and_changes_no_status(first: str, status: str) -> None:
    folded = in_any_order(told(first), told("transfer.reversed", DAY), told("transfer.updated", 2 * DAY))
    assert (folded.status, folded.state["amount_reversed"]) == (status, 1500)


def test_what_is_taken_back_adds_up_until_it_is_the_whole() -> None:
    parts = [told("transfer.reversed", seconds, amount_reversed=sum_) for seconds, sum_ in ((60, 500), (120, 4000))]
    whole = told("transfer.reversed", 180, amount_reversed=4500, reversed=True)
    folded = in_any_order(told("transfer.created"), *parts, whole)
    assert (folded.status, folded.state["amount_reversed"]) == (FAILED, 4500)


@pytest.mark.parametrize("of_its_own", [True, False])
def test_a_payout_taken_back_by_another_is_noted(*, of_its_own: bool) -> None:
    by_itself = told("payout.updated", DAY, status="paid", reversed_by="po_back")
    by_other = told("payout.paid", DAY, id="po_back", original_payout="po_1RoWanPayout0001", amount=-4500)
    folded = in_any_order(told("payout.paid"), by_itself if of_its_own else by_other)
    assert (folded.status, folded.state["payout_reversed_by"]) == (COMPLETED, "po_back")
    assert (folded.state["stripe_payout_id"], folded.state["payout_amount"]) == ("po_1RoWanPayout0001", 4500)


def test_the_steps_are_those_of_the_contract() -> None:
    assert {status: set(after) for status, after in STEPS.items()} == {
        "PENDING": {"PROCESSING", "FAILED"},
        "PROCESSING": {"COMPLETED", "FAILED"},
        "COMPLETED": {"FAILED"},
        "FAILED": set(),
    }
    assert set(RULES.progress) == set(RULES.leads_to) == set(STEPS)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        (None, PENDING, (PENDING,)),
        (None, PROCESSING, (PROCESSING,)),
        (None, COMPLETED, (PROCESSING, COMPLETED)),
        (PENDING, COMPLETED, (PROCESSING, COMPLETED)),
        (PENDING, FAILED, (FAILED,)),
        (PROCESSING, COMPLETED, (COMPLETED,)),
        (COMPLETED, FAILED, (FAILED,)),
    ],
)
def test_a_lost_event_leaves_no_jump_in_the_history(before: str | None, after: str, way: tuple[str, ...]) -> None:
    assert RULES.through(before, after) == way
    for here, there in itertools.pairwise((before or PENDING, *way)):
        assert there in {*STEPS[here], PENDING}


@pytest.mark.parametrize(
    "use", [RULES.status_of, lambda one: RULES.advance({}, one), lambda one: RULES.set_aside([one])]
)
def test_a_fact_of_another_kind_has_no_place_here(use: Any) -> None:
    with pytest.raises(TypeError, match="invoice"):
        use(placed("basil/invoice.payment_failed"))
