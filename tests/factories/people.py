"""Subscriptions and crises as the rules of access see them, around one moment."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.rules.access import Crisis, Known
from shared.rules.tiers import Prices
from shared.rules.unpaid import LAPSED, Bill, Move, Subscription

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PREMIUM = Prices(metadata="premium")


def days(number: float) -> timedelta:
    return timedelta(days=number)


def ago(number: float) -> datetime:
    return NOW - days(number)


def subscription(status: str | None, since_days: float = 1, **changes: Any) -> Subscription:
    """One that ran from a year ago and has had this status for so many days."""
    moves = [Move("active", ago(365))] if status in {*LAPSED, "active"} else []
    if status not in {None, "active"}:
        moves.append(Move(str(status), ago(since_days)))
    known: dict[str, Any] = {"status": status, "prices": PREMIUM, "moves": tuple(moves), "latest_at": ago(since_days)}
    return Subscription(**known | changes)


def failed(days_ago: float, **changes: Any) -> Bill:
    return Bill(**{"billing_reason": "subscription_cycle", "first_failed_at": ago(days_ago)} | changes)


def crisis(opened_days_ago: float, resolved_days_ago: float | None = None, **changes: Any) -> Crisis:
    resolved = None if resolved_days_ago is None else ago(resolved_days_ago)
    return Crisis(**{"severity": "severe", "opened_at": ago(opened_days_ago), "resolved_at": resolved} | changes)


def known(*subscriptions: Subscription, **changes: Any) -> Known:
    return Known(subscriptions=subscriptions, **changes)
