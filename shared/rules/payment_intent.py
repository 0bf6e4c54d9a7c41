"""A payment intent's life: tried until it succeeds or is given up."""

from collections.abc import Mapping

from schemas.payment_intent import STATUSES
from shared.rules.history import Placed, Rules, State, shown

# What has succeeded cannot be canceled, and on what is canceled any operation fails (stripe-python,
# `PaymentIntent.cancel`). A declined attempt goes back to asking for a payment method, so the open ones lead to each
# other.
_ENDED = frozenset({"canceled", "succeeded"})
_LEADS_TO: Mapping[str, frozenset[str]] = {status: frozenset() if status in _ENDED else STATUSES for status in STATUSES}

_PROGRESS = (
    "requires_source", "requires_payment_method", "requires_confirmation", "requires_source_action",
    "requires_action", "processing", "requires_capture", "canceled", "succeeded",
)  # fmt: skip

_FAILED = "payment_intent.payment_failed"


def _status_of(placed: Placed) -> str:
    return placed.fact.status


def _advance(state: State, placed: Placed) -> State:
    now = shown(placed.fact)
    # Payloads since basil leave the invoice out, which unsays nothing.
    now["invoice"] = now["invoice"] or state.get("invoice")
    failed = placed.occurred_at.isoformat() if placed.type == _FAILED else state.get("last_failed_at")
    return {**now, "last_failed_at": failed}


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
