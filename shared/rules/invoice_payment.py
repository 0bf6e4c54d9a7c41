"""The life of one payment of an invoice: made, or no longer needed."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

# Open, paid or canceled (stripe-python, `InvoicePayment.status`). Money that came in is given back as a refund of its
# charge, which is no step of this; a payment that is not needed any more is canceled.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "open": frozenset({"paid", "canceled"}),
    "canceled": frozenset(),
    "paid": frozenset(),
}

_PROGRESS = ("open", "canceled", "paid")


def _status_of(placed: Placed) -> str:
    return placed.fact.status


def _advance(_state: State, placed: Placed) -> State:
    return shown(placed.fact)


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
