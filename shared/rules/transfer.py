"""A transfer's life: it is made, and may be taken back in parts or whole; historic ones also reached a bank or failed.

Stripe's reference, "Transfer": `amount_reversed` is the sum of all reversals so far, `reversed` is true once it is the
whole amount. `transfer.paid` and `transfer.failed` ended with the split of 2017-04-06.
"""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

# "Some failed transfers may initially show as paid" (Stripe's reference of 2016). What was taken back whole, or never
# left, is over.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "created": frozenset({"paid", "partially_reversed", "canceled", "failed", "reversed"}),
    "paid": frozenset({"partially_reversed", "failed", "reversed"}),
    "partially_reversed": frozenset({"canceled", "failed", "reversed"}),
    "canceled": frozenset(),
    "failed": frozenset(),
    "reversed": frozenset(),
}

_PROGRESS = ("created", "paid", "partially_reversed", "canceled", "failed", "reversed")

# A type that says what became of the transfer, where the object inside was rendered a moment too early.
_SAYS: Mapping[str, str] = {
    "transfer.paid": "paid",
    "transfer.failed": "failed",
    "transfer.reversed": "partially_reversed",
}


def _status_of(placed: Placed) -> str:
    return max(placed.fact.status, _SAYS.get(placed.type, "created"), key=_PROGRESS.index)


def _advance(state: State, placed: Placed) -> State:
    now = shown(placed.fact)
    # Reversals only add up: within a second the smaller sum may be told last.
    sums = (one for one in (state.get("amount_reversed"), now["amount_reversed"]) if isinstance(one, int))
    return {**now, "amount_reversed": max(sums), "reversed": now["reversed"] or state.get("reversed", False)}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
