"""A setup intent's life: it ends with a payment method on file, or without one."""

from collections.abc import Mapping

from schemas.setup_intent import STATUSES
from shared.rules.history import Placed, Rules, State, shown

_ENDED = frozenset({"canceled", "succeeded"})
# A failed attempt goes back to asking for a payment method, so the open ones lead to each other.
_LEADS_TO: Mapping[str, frozenset[str]] = {status: frozenset() if status in _ENDED else STATUSES for status in STATUSES}

_PROGRESS = (
    "requires_source", "requires_payment_method", "requires_confirmation", "requires_source_action",
    "requires_action", "processing", "canceled", "succeeded",
)  # fmt: skip


def _status_of(placed: Placed) -> str:
    return placed.fact.status


def _advance(_state: State, placed: Placed) -> State:
    return {**shown(placed.fact), "on_file": placed.fact.status == "succeeded"}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
