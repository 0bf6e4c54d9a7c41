"""An invoice's life: which status may follow which, what was tried, and that a payment once made stands."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

# Paid and void absorb: a late or misordered failure of an invoice that was paid asks nothing of anybody.
_LEADS_TO: Mapping[str, frozenset[str]] = {
    "draft": frozenset({"open", "uncollectible", "paid", "void"}),
    "open": frozenset({"uncollectible", "paid", "void"}),
    "uncollectible": frozenset({"paid", "void"}),
    "paid": frozenset(),
    "void": frozenset(),
}

_PROGRESS = ("draft", "open", "uncollectible", "paid", "void")

# `invoice.paid` comes with `invoice.payment_succeeded`, and alone where the invoice was paid outside Stripe. Neither
# alone means that the invoice is paid: since basil a payment may be a part of it.
_OUTCOMES: Mapping[str, str] = {
    "invoice.payment_failed": "failed",
    "invoice.payment_action_required": "action_required",
    "invoice.payment_succeeded": "succeeded",
    "invoice.paid": "succeeded",
}

# An invoice had no status before November 2018, so of a voided one the type alone tells.
_SAYS: Mapping[str, str] = {"invoice.voided": "void"}


def _status_of(placed: Placed) -> str:
    status = placed.fact.status
    return _SAYS.get(placed.type, status) if _LEADS_TO[status] else status


def _advance(state: State, placed: Placed) -> State:
    now = shown(placed.fact)
    if not now.pop("next_payment_attempt_stated") and _LEADS_TO[_status_of(placed)]:
        now["next_payment_attempt"] = state.get("next_payment_attempt")
    if now["paid_out_of_band"] is None:  # as in every payload since basil, which unsays nothing
        now["paid_out_of_band"] = state.get("paid_out_of_band")
    return {**now, **_payment(state, placed)}


def _payment(state: State, placed: Placed) -> State:
    """When payment last went well or badly; `first_failed_at` is where a grace period would count from."""
    paid = _status_of(placed) == "paid"
    outcome = "succeeded" if paid else _OUTCOMES.get(placed.type)
    known = {key: state.get(key) for key in ("last_payment_status", "last_payment_at", "first_failed_at", "paid_at")}
    if outcome is None or known["paid_at"]:
        return known
    at = placed.occurred_at.isoformat()
    return {
        "last_payment_status": outcome,
        "last_payment_at": at,
        "first_failed_at": (known["first_failed_at"] or at) if outcome == "failed" else known["first_failed_at"],
        "paid_at": at if paid else None,
    }


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
