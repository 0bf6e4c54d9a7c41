"""A payout's life: on its way to the bank, there, or come back; what was paid may still fail days later.

Stripe's reference, "Payout.status": "pending until it's submitted to the bank, when it becomes in_transit. The status
changes to paid if the transaction succeeds, or to failed or canceled (within 5 business days). Some payouts that fail
might initially show as paid, then change to failed."
"""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

_LEADS_TO: Mapping[str, frozenset[str]] = {
    "pending": frozenset({"in_transit", "paid", "canceled", "failed"}),
    "in_transit": frozenset({"paid", "canceled", "failed"}),
    "paid": frozenset({"failed"}),
    "canceled": frozenset(),
    "failed": frozenset(),
}

_PROGRESS = ("pending", "in_transit", "paid", "canceled", "failed")

# The type says what became of the payout: Dashboard samples of `payout.paid` hold one that is still in transit.
_SAYS: Mapping[str, str] = {"payout.paid": "paid", "payout.canceled": "canceled", "payout.failed": "failed"}


def _status_of(placed: Placed) -> str:
    return max(placed.fact.status, _SAYS.get(placed.type, "pending"), key=_PROGRESS.index)


def _advance(state: State, placed: Placed) -> State:
    paid_at = state.get("paid_at")
    if paid_at is None and _status_of(placed) == "paid":
        paid_at = placed.occurred_at.isoformat()
    return {**shown(placed.fact), "paid_at": paid_at}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
