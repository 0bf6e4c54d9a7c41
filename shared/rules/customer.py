"""A customer's life: there, or deleted."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

# A deletion is permanent and cannot be undone (stripe-python, `Customer.delete`).
_LEADS_TO: Mapping[str, frozenset[str]] = {"active": frozenset({"deleted"}), "deleted": frozenset()}

_PROGRESS = ("active", "deleted")

# The object of a deletion is the customer as it was, without its `deleted`.
_SAYS: Mapping[str, str] = {"customer.deleted": "deleted"}

_GONE: State = {"default_payment_method": None, "default_source": None}


def _status_of(placed: Placed) -> str:
    return _SAYS.get(placed.type, placed.fact.status)


def _advance(state: State, placed: Placed) -> State:
    now = shown(placed.fact)
    if _status_of(placed) != "deleted":
        return now
    # A deletion may also show a stub, which says nothing of what the customer was; of either, nothing pays any more.
    known = {name: state.get(name) if value is None else value for name, value in now.items()}
    return {**known, **_GONE}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
