"""What somebody must look at in a registered payout: it is late, it is not what we owe, or the money went back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.facts import JSON
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
    return next((Mismatch(ours, moved) for moved in _figures(state) if moved != ours), None)


def is_stale(status: str | None, since: datetime, now: datetime, *, after_seconds: int) -> bool:
    """On its way for longer than money should be."""
    return status == PROCESSING and now - since > timedelta(seconds=after_seconds)


@dataclass(frozen=True, slots=True)
class Critical:
    """Why somebody must be woken, and the money it is about; `failed_reason` is Stripe's code or a plain word."""

    reason: str
    money: Money | None
    failed_reason: str | None = None
    reversed_by: str | None = None


def critical(state: State) -> Critical | None:
    """Money that a creator was to have, or had, is not theirs; None where it is."""
    after = "" if state.get("completed_at") is None else "_after_completed"
    if state.get("status") == FAILED:
        return Critical(f"failed{after}", figure(state), _text(state.get("failed_reason")))
    if state.get("amount_reversed"):
        back = _money(state.get("amount_reversed"), state.get("transfer_currency"))
        return Critical(f"reversed{after}", back, reversed_by=_text(state.get("payout_reversed_by")))
    if state.get("payout_reversed_by"):
        return Critical(f"reversed{after}", figure(state), reversed_by=_text(state.get("payout_reversed_by")))
    return None


def figure(state: State) -> Money | None:
    """What moved: the payout's own figure before its transfer's."""
    return next(iter(_figures(state)), None)


def _figures(state: State) -> list[Money]:
    found = [
        _money(state.get(f"{source}_amount"), state.get(f"{source}_currency")) for source in ("payout", "transfer")
    ]
    return [money for money in found if money is not None]


def _money(amount: JSON, currency: JSON) -> Money | None:
    return Money(amount, currency) if isinstance(amount, int) and isinstance(currency, str) else None


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None
