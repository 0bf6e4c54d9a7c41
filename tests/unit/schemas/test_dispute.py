"""Disputes: the same fact from every shape, and nothing of the evidence."""

from datetime import UTC, datetime

import pytest

from schemas.dispute import DisputeFact
from tests.factories.events import ABSENT
from tests.factories.facts import fact


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_dispute_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/charge.dispute.created") == DisputeFact(
        subject_id="dp_1RoWan0001",
        status="needs_response",
        charge="ch_3RoWan0004",
        amount=1900,
        currency="usd",
        payment_intent="pi_3RoWan0002",
        reason="fraudulent",
        evidence_due_by=datetime(2025, 2, 17, 16, 26, 40, tzinfo=UTC),
        is_charge_refundable=False,
    )


def test_a_dispute_of_2018_names_no_payment_intent() -> None:
    read = fact("2018/charge.dispute.created")
    assert isinstance(read, DisputeFact)
    assert (read.status, read.payment_intent) == ("needs_response", None)


def test_the_day_by_which_to_answer_stood_elsewhere_before() -> None:
    changes = {"data.object.evidence_details": ABSENT, "data.object.evidence_due_by": 1_390_000_000}
    read = fact("2018/charge.dispute.created", **changes)
    assert isinstance(read, DisputeFact)
    assert read.evidence_due_by == datetime(2014, 1, 17, 23, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize("status", ["lost", "prevented", "appeal_needs_response", "charge_refunded", "warning_closed"])
def test_a_dispute_may_begin_with_any_status(status: str) -> None:
    assert fact("basil/charge.dispute.created", **{"data.object.status": status}).status == status
