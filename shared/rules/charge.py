"""What was given back of a charge: nothing, a part, or all of it."""

from collections.abc import Mapping

from schemas.charge import ChargeFact
from shared.rules.history import Placed, Rules, State, shown

_ALL = frozenset({"none", "partially_refunded", "refunded"})

# Nothing is final: a refund that the bank sends back is taken off the sum again, so a smaller sum may be the newer one.
_LEADS_TO: Mapping[str, frozenset[str]] = dict.fromkeys(sorted(_ALL), _ALL)

_PROGRESS = ("none", "partially_refunded", "refunded")


def _status_of(placed: Placed) -> str:
    return placed.fact.status


def _advance(_state: State, placed: Placed) -> State:
    return shown(placed.fact)


def _grown(placed: Placed) -> int:
    """Two parts may be given back within one second, where nothing but the sum tells which came last."""
    fact = placed.fact
    if not isinstance(fact, ChargeFact):
        raise TypeError(fact.kind)
    return fact.amount_refunded


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance, grown=_grown)
