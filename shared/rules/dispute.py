"""A dispute's life: an inquiry, a chargeback, a decision, and sometimes another decision."""

from collections.abc import Mapping

from shared.rules.history import Placed, Rules, State, shown

_DECIDED = frozenset({"lost", "won", "prevented", "charge_refunded"})
_CHARGEBACK = frozenset({"needs_response", "under_review"})
_APPEAL = frozenset({"appeal_needs_response", "appeal_under_review"})

_LEADS_TO: Mapping[str, frozenset[str]] = {
    # An inquiry is closed when nothing comes of it, or escalates to a chargeback. That a closed one may still escalate
    # Stripe does not say; nor that it may not, and a chargeback is no news to refuse.
    "warning_needs_response": frozenset({"warning_under_review", "warning_closed"}) | _CHARGEBACK | _APPEAL | _DECIDED,
    "warning_under_review": frozenset({"warning_closed"}) | _CHARGEBACK | _APPEAL | _DECIDED,
    "warning_closed": _CHARGEBACK | _APPEAL | _DECIDED,
    "needs_response": frozenset({"under_review"}) | _APPEAL | _DECIDED,
    "under_review": _APPEAL | _DECIDED,
    # "It may still be possible to have your customer withdraw the dispute, even after the dispute is closed"
    # (support.stripe.com/questions/lost-dispute-faq); and since 2026-09-30 some decisions can be appealed.
    "lost": frozenset({"won"}) | _APPEAL,
    "appeal_needs_response": frozenset({"appeal_under_review", "lost", "won"}),
    "appeal_under_review": frozenset({"lost", "won"}),
    "won": frozenset(),
    "prevented": frozenset(),
    "charge_refunded": frozenset(),
}

_PROGRESS = (
    "warning_needs_response", "warning_under_review", "warning_closed", "needs_response", "under_review", "lost",
    "appeal_needs_response", "appeal_under_review", "prevented", "charge_refunded", "won",
)  # fmt: skip


def _status_of(placed: Placed) -> str:
    # Never from the type: a dispute may be lost when it is created, and "closed" is lost, won or an inquiry's end.
    return placed.fact.status


def _advance(_state: State, placed: Placed) -> State:
    return shown(placed.fact)


RULES = Rules(leads_to=_LEADS_TO, progress=_PROGRESS, status_of=_status_of, advance=_advance)
