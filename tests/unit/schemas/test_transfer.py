"""Transfers: what was moved and how much of it was taken back, of every age."""

from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.errors import SchemaError
from schemas.facts import to_json
from schemas.transfer import TransferFact
from tests.factories.events import ABSENT
from tests.factories.facts import fact, placed


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_transfer_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/transfer.reversed") == TransferFact(
        subject_id="tr_1RoWanTransfer0001",
        status="partially_reversed",
        amount=4500,
        currency="usd",
        created=datetime(2025, 1, 1, 12, tzinfo=UTC),
        amount_reversed=1500,
        reversed=False,
        destination="acct_1RoWanCreator0001",
        destination_payment="py_1RoWanCreator0001",
        source_transaction="ch_1RoWanSession0001",
        transfer_group="group_sessions_2025_01",
        owed_payout_id="owed-2025-0001",
    )


def test_a_transfer_of_2016_tells_its_own_status_and_day() -> None:
    assert fact("2016/transfer.failed") == TransferFact(
        subject_id="tr_18RoWanTransfer2016",
        status="failed",
        amount=2500,
        currency="usd",
        created=datetime(2016, 7, 12, 12, tzinfo=UTC),
        destination="ba_18RoWanBank2016",
        owed_payout_id="owed-2016-0001",
        arrival_date=datetime(2016, 7, 14, 12, tzinfo=UTC),
        failure_code="account_closed",
    )


def test_of_a_bank_account_nothing_but_its_id_is_kept() -> None:
    assert not [
        text for text in ("Wren", "6789", "110000000", "ROWAN") if text in str(to_json(fact("2016/transfer.paid")))
    ]


@pytest.mark.parametrize(
    ("historic", "status"),
    [
        ("pending", "created"),
        ("in_transit", "created"),
        ("paid", "paid"),
        ("canceled", "canceled"),
        ("failed", "failed"),
        (None, "created"),
        (ABSENT, "created"),
    ],
)
def test_what_stripe_said_before_the_split_is_one_of_our_words(historic: Any, status: str) -> None:
    assert fact("2016/transfer.created", **{"data.object.status": historic}).status == status


@pytest.mark.parametrize(
    ("amount_reversed", "is_reversed", "status"),
    [
        (0, False, "created"),
        (ABSENT, ABSENT, "created"),
        (1, False, "partially_reversed"),
        (4499, ABSENT, "partially_reversed"),
        (4500, ABSENT, "reversed"),
        (4500, True, "reversed"),
        (ABSENT, True, "reversed"),
    ],
)
def test_the_status_is_read_off_the_amounts(amount_reversed: Any, is_reversed: Any, status: str) -> None:
    changes = {"data.object.amount_reversed": amount_reversed, "data.object.reversed": is_reversed}
    assert fact("basil/transfer.created", **changes).status == status


def test_a_transfer_of_nothing_is_not_reversed() -> None:
    assert fact("basil/transfer.created", **{"data.object.amount": 0}).status == "created"


@pytest.mark.parametrize(("status", "taken_back"), [("failed", 2500), ("canceled", 2500)])
def test_what_never_left_was_not_taken_back(status: str, taken_back: int) -> None:
    changes = {"data.object.status": status, "data.object.amount_reversed": taken_back}
    assert fact("2016/transfer.failed", **changes).status == status


def test_a_historic_transfer_that_was_taken_back_says_so() -> None:
    assert fact("2016/transfer.paid", **{"data.object.amount_reversed": 100}).status == "partially_reversed"


@pytest.mark.parametrize("key", ["payout_id", "payoutId"])
def test_metadata_names_the_registered_payout_in_either_spelling(key: str) -> None:
    read = fact("basil/transfer.created", **{"data.object.metadata": {key: "owed-7", "note": "private"}})
    assert isinstance(read, TransferFact)
    assert read.owed_payout_id == "owed-7"
    assert "private" not in str(to_json(read))


def test_an_unknown_status_is_named() -> None:
    with pytest.raises(SchemaError, match=r"^data\.object\.status: unknown status dormant$"):
        fact("2016/transfer.paid", **{"data.object.status": "dormant"})


@pytest.mark.parametrize(("told", "kept"), [("pending", "created"), ("in_transit", "created"), ("paid", "paid")])
def test_an_old_status_is_told_in_the_words_of_facts(told: str, kept: str) -> None:
    shown = placed("basil/transfer.updated", **{"data.previous_attributes": {"status": told}})
    assert shown.previous == {"status": kept}
