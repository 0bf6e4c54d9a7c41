"""A dispute's life, told in events."""

import itertools

import pytest

from shared.rules.dispute import RULES
from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import placed

NOW = 1_740_000_000


def told(act: str, status: str, after_seconds: int) -> Placed:
    identity = {"id": f"evt_{act}_{status}_{after_seconds}", "created": NOW + after_seconds}
    return placed(f"basil/charge.dispute.{act}", **identity, **{"data.object.status": status})


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_a_dispute_is_created_and_lost() -> None:
    folded = in_any_order(told("created", "needs_response", 0), told("closed", "lost", 60))
    assert [step.to_status for step in folded.steps] == ["needs_response", "lost"]
    assert (folded.state["amount"], folded.state["reason"]) == (1900, "fraudulent")


def test_a_dispute_may_be_created_lost() -> None:
    folded = in_any_order(told("created", "lost", 0), told("closed", "lost", 0))
    assert (folded.status, folded.steps[1].verdict) == ("lost", Verdict.REPEATED)


def test_a_lost_dispute_may_still_be_won_and_stays_won() -> None:
    won = in_any_order(told("created", "lost", 0), told("closed", "won", 60))
    assert won.status == "won"
    folded = in_any_order(told("closed", "won", 60), told("closed", "lost", 90))
    assert (folded.status, folded.steps[1].reason) == ("won", "won is final")


def test_an_inquiry_is_closed_or_becomes_a_chargeback() -> None:
    inquiry = told("created", "warning_needs_response", 0)
    assert in_any_order(inquiry, told("closed", "warning_closed", 60)).status == "warning_closed"
    assert in_any_order(inquiry, told("closed", "lost", 60)).status == "lost"


def test_a_lost_dispute_may_be_appealed() -> None:
    folded = in_any_order(
        told("created", "lost", 0), told("created", "appeal_under_review", 60), told("closed", "lost", 90)
    )
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED] * 3


def test_created_and_closed_in_one_second_are_closed() -> None:
    assert in_any_order(told("closed", "won", 0), told("created", "needs_response", 0)).status == "won"


@pytest.mark.parametrize("status", ["won", "prevented", "charge_refunded"])
def test_what_was_decided_for_us_is_final(status: str) -> None:
    assert not RULES.leads_to[status]


@pytest.mark.parametrize("status", sorted(set(RULES.progress) - {"won", "prevented", "charge_refunded"}))
def test_whatever_is_open_or_lost_may_be_won(status: str) -> None:
    assert "won" in RULES.leads_to[status]


def test_an_answer_given_is_not_taken_back() -> None:
    folded = in_any_order(told("created", "under_review", 0), told("created", "needs_response", 60))
    assert folded.steps[1].reason == "under_review does not lead to needs_response"
