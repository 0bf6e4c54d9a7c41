"""A person's subscriptions and their invoices, as far as access follows from them, read from what the fold made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.rules.tiers import Prices
from shared.rules.unpaid import Bill, Move, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """One subject, a subscription or an invoice: its state, and for a subscription its transitions."""

    subject_id: str
    state: Mapping[str, Any]
    latest_at: datetime | None = None
    moves: Sequence[Move] = ()


def subscriptions_of(subscriptions: Iterable[Folded], invoices: Iterable[Folded]) -> tuple[Subscription, ...]:
    """Every subscription that is known by itself or by its invoices, each with its bills."""
    known = {one.subject_id: one for one in subscriptions}
    bills: dict[str, list[Bill]] = {}
    for invoice in invoices:
        belongs_to = invoice.state.get("subscription")
        if isinstance(belongs_to, str):
            bills.setdefault(belongs_to, []).append(_bill(invoice.state))
    return tuple(_subscription(known.get(name), bills.get(name, [])) for name in sorted({*known, *bills}))


def _subscription(one: Folded | None, bills: Sequence[Bill]) -> Subscription:
    if one is None:
        return Subscription(status=None, bills=tuple(bills))
    return Subscription(
        status=one.state["status"],
        prices=Prices(
            ids=tuple(one.state.get("price_ids") or ()),
            lookup_keys=tuple(one.state.get("price_lookup_keys") or ()),
            metadata=one.state.get("tier_metadata"),
        ),
        moves=tuple(one.moves),
        latest_at=one.latest_at,
        bills=tuple(bills),
    )


def _bill(state: Mapping[str, Any]) -> Bill:
    return Bill(
        billing_reason=state.get("billing_reason"),
        first_failed_at=_moment(state.get("first_failed_at")),
        paid_at=_moment(state.get("paid_at")),
        void_at=_moment(state.get("status_since")) if state.get("status") == "void" else None,
        # An invoice of nothing is paid as soon as it is made; it shows nobody's payment.
        is_payment=state.get("amount_paid") != 0 or state.get("paid_out_of_band") is True,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
