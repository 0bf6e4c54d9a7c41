"""What was given back of a charge: nothing, a part, or all of it."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

# `amount_refunded` is a running sum and one event tells of each refund, so a smaller sum is always an older word.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "none": frozenset({"partially_refunded", "refunded"}),
    "partially_refunded": frozenset({"refunded"}),
    "refunded": frozenset(),
}

_PROGRESS = ("none", "partially_refunded", "refunded")


def _status_of(placed: Placed) -> str:
    return placed.fact.status


def _advance(state: State, placed: Placed) -> State:
    now = shown(placed.fact)
    # Two parts may be given back within one second, where nothing but the sum tells which came last.
    sums = [said for said in (state.get("amount_refunded"), now["amount_refunded"]) if isinstance(said, int)]
    return {**now, "amount_refunded": max(sums)}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
