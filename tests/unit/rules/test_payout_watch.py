"""Late, different or gone: what of a registered payout somebody must look at."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.rules.payout_watch import Mismatch, Money, critical_reason, is_stale, mismatch

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
DAY = 86_400
OURS = Money(4500, "usd")


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
    ("state", "reason"),
    [
        ({}, None),
        ({"status": "PROCESSING", "amount_reversed": 0}, None),
        ({"status": "COMPLETED", "completed_at": "then", "payout_reversed_by": None}, None),
        ({"status": "FAILED", "completed_at": None}, "failed"),
        ({"status": "FAILED", "completed_at": "then"}, "failed_after_completed"),
        ({"status": "FAILED", "completed_at": "then", "amount_reversed": 4500}, "failed_after_completed"),
        ({"status": "PROCESSING", "amount_reversed": 1}, "reversed"),
        ({"status": "COMPLETED", "completed_at": "then", "amount_reversed": 1}, "reversed_after_completed"),
        ({"status": "COMPLETED", "completed_at": "then", "payout_reversed_by": "po_2"}, "reversed_after_completed"),
    ],
)
def test_money_that_is_not_the_creators_wakes_somebody(state: dict[str, Any], reason: str | None) -> None:
    assert critical_reason(state) == reason
