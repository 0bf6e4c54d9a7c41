"""Late, different or gone: what of a registered payout somebody must look at."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.rules.payout_watch import Critical, Mismatch, Money, critical, is_stale, mismatch

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
DAY = 86_400
OURS = Money(4500, "usd")
SENT = {"transfer_amount": 4500, "transfer_currency": "usd", "payout_amount": 4400, "payout_currency": "eur"}
PAID = SENT | {"status": "COMPLETED", "completed_at": "then"}
BACK = {"payout_reversed_by": "po_2"}


def figures(source: str, money: Money | None) -> dict[str, Any]:
    return {f"{source}_amount": money and money.amount_minor, f"{source}_currency": money and money.currency}


@pytest.mark.parametrize(
    ("status", "seconds", "stale"),
    [
        ("PROCESSING", DAY, False),
        ("PROCESSING", DAY + 1, True),
        ("PENDING", DAY + 1, False),
        ("COMPLETED", DAY + 1, False),
        ("FAILED", DAY + 1, False),
        (None, DAY + 1, False),
    ],
)
def test_only_money_on_its_way_can_be_late(*, status: str | None, seconds: int, stale: bool) -> None:
    assert is_stale(status, SINCE, SINCE + timedelta(seconds=seconds), after_seconds=DAY) is stale


@pytest.mark.parametrize(
    ("transfer", "payout", "stripes"),
    [
        (None, None, None),
        (Money(4500, "usd"), None, None),
        (Money(4400, "usd"), None, Money(4400, "usd")),
        (Money(4500, "eur"), None, Money(4500, "eur")),
        (Money(4400, "usd"), Money(4500, "usd"), Money(4400, "usd")),
        (Money(4400, "usd"), Money(4100, "eur"), Money(4100, "eur")),
        (None, Money(4500, "usd"), None),
    ],
)
def test_what_moved_is_compared_with_what_is_owed(
    transfer: Money | None, payout: Money | None, stripes: Money | None
) -> None:
    state = figures("transfer", transfer) | figures("payout", payout)
    assert mismatch(Money(4500, "USD"), state) == (stripes and Mismatch(OURS, stripes))


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ({}, None),
        ({"status": "PROCESSING", "amount_reversed": 0}, None),
        ({"status": "COMPLETED", "completed_at": "then", "payout_reversed_by": None}, None),
        ({"status": "FAILED", "completed_at": None}, Critical("failed", None)),
        (SENT | {"status": "FAILED", "failed_reason": "declined"}, Critical("failed", Money(4400, "eur"), "declined")),
        ({"status": "FAILED", "completed_at": "then"}, Critical("failed_after_completed", None)),
        ({"status": "FAILED", "completed_at": "then", "amount_reversed": 9}, Critical("failed_after_completed", None)),
        (SENT | {"status": "PROCESSING", "amount_reversed": 1}, Critical("reversed", Money(1, "usd"))),
        (PAID | {"amount_reversed": 1}, Critical("reversed_after_completed", Money(1, "usd"))),
        (PAID | BACK, Critical("reversed_after_completed", Money(4400, "eur"), reversed_by="po_2")),
        (PAID | BACK | {"amount_reversed": 1}, Critical("reversed_after_completed", Money(1, "usd"), None, "po_2")),
    ],
)
def test_money_that_is_not_the_creators_wakes_somebody(state: dict[str, Any], found: Critical | None) -> None:
    assert critical(state) == found
