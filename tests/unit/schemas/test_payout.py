"""Payouts: what was sent to a bank, how far it is, and why it came back."""

from datetime import UTC, datetime

import pytest

from schemas.errors import SchemaError
from schemas.facts import to_json
from schemas.payout import STATUSES, PayoutFact
from tests.factories.events import ABSENT, event
from tests.factories.facts import fact


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_payout_is_read_whole(shape: str) -> None:
    taken_back = {"data.object.original_payout": "po_0", "data.object.reversed_by": "po_2"}
    assert fact(f"{shape}/payout.failed", **taken_back) == PayoutFact(
        subject_id="po_1RoWanPayout0001",
        status="failed",
        amount=4500,
        currency="usd",
        created=datetime(2025, 1, 1, 13, tzinfo=UTC),
        arrival_date=datetime(2025, 1, 6, tzinfo=UTC),
        failure_code="account_closed",
        method="standard",
        destination_type="bank_account",
        automatic=False,
        original_payout="po_0",
        reversed_by="po_2",
        owed_payout_id="owed-2025-0001",
    )


def test_a_payout_of_2018_lacks_only_what_was_not_there_yet() -> None:
    read = fact("2018/payout.failed")
    assert isinstance(read, PayoutFact)
    assert (read.status, read.failure_code, read.automatic) == ("failed", "no_account", True)
    assert (read.original_payout, read.reversed_by, read.owed_payout_id) == (None, None, None)


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_a_status_is_stripes_own(status: str) -> None:
    assert fact("basil/payout.updated", **{"data.object.status": status}).status == status


def test_money_withdrawn_from_a_bank_is_negative() -> None:
    read = fact("basil/payout.created", **{"data.object.amount": -1900})
    assert isinstance(read, PayoutFact)
    assert read.amount == -1900


def test_what_a_version_does_not_tell_is_unknown() -> None:
    silent = {f"data.object.{key}": ABSENT for key in ("arrival_date", "automatic", "method", "type", "metadata")}
    read = fact("basil/payout.created", **silent)
    assert isinstance(read, PayoutFact)
    assert (read.arrival_date, read.automatic, read.method, read.destination_type) == (None, None, None, None)
    assert read.owed_payout_id is None


def test_no_message_and_no_bank_is_kept() -> None:
    said = event("basil/payout.failed")["data"]["object"]
    kept = str(to_json(fact("basil/payout.failed")))
    assert not [key for key in ("failure_message", "statement_descriptor", "destination") if said[key] in kept]


def test_an_unknown_status_is_named() -> None:
    with pytest.raises(SchemaError, match=r"^data\.object\.status: unknown status returned$"):
        fact("basil/payout.paid", **{"data.object.status": "returned"})
