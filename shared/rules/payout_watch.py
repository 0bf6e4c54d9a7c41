"""What somebody must look at in a registered payout: it is late, it is not what we owe, or the money went back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.rules.history import State
from shared.rules.owed_payout import FAILED, PROCESSING


@dataclass(frozen=True, slots=True)
class Money:
    """In the currency's smallest unit."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Stripe's figure is the one that counts, for that is what moved; ours is what should have."""

    ours: Money
    stripes: Money


def mismatch(registered: Money, state: State) -> Mismatch | None:
    """Where what moved differs from what was registered; the payout's own figure before its transfer's."""
    ours = Money(registered.amount_minor, registered.currency.lower())
    for source in ("payout", "transfer"):
        amount, currency = state.get(f"{source}_amount"), state.get(f"{source}_currency")
        if isinstance(amount, int) and isinstance(currency, str) and Money(amount, currency) != ours:
            return Mismatch(ours, Money(amount, currency))
    return None


def is_stale(status: str | None, since: datetime, now: datetime, *, after_seconds: int) -> bool:
    """On its way for longer than money should be."""
    return status == PROCESSING and now - since > timedelta(seconds=after_seconds)


def critical_reason(state: State) -> str | None:
    """Why somebody must be woken, or None: money that a creator was to have, or had, is not theirs."""
    was_paid = state.get("completed_at") is not None
    if state.get("status") == FAILED:
        return "failed_after_completed" if was_paid else "failed"
    if state.get("payout_reversed_by") or state.get("amount_reversed"):
        return "reversed_after_completed" if was_paid else "reversed"
    return None
