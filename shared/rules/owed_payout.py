"""What the application owes a creator: a registered payout, followed through the transfer and the payout that pay it.

Its facts are those of the linked transfers and payouts, so one fold and one scale of ranks serve here as everywhere.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from schemas.facts import JSON, Fact
from schemas.payout import PayoutFact
from schemas.transfer import TransferFact
from shared.rules import payout, transfer
from shared.rules.history import Placed, Rules, State
from shared.rules.payout_links import paying_id

PENDING, PROCESSING, COMPLETED, FAILED = "PENDING", "PROCESSING", "COMPLETED", "FAILED"

# The legal steps. A registered payout is PENDING until a fact says otherwise.
STEPS: Mapping[str, tuple[str, ...]] = {
    PENDING: (PROCESSING, FAILED),
    PROCESSING: (COMPLETED, FAILED),
    COMPLETED: (FAILED,),
    FAILED: (),
}

_PROGRESS = (PENDING, PROCESSING, COMPLETED, FAILED)

# That it is made puts the money on its way; that a historic one is paid means a bank has it. What it was after the
# split of 2017-04-06, a transfer never says: the payout does.
_BY_TRANSFER: Mapping[str, str] = {"transfer.created": PROCESSING, "transfer.paid": COMPLETED}

# A canceled payout has failed as far as the creator can tell. "Stripe refunds the funds to your available balance", and
# nothing leads back: what is sent instead is another payout, to be registered as such.
_BY_PAYOUT_STATUS: Mapping[str, str] = {
    "pending": PROCESSING,
    "in_transit": PROCESSING,
    "paid": COMPLETED,
    "canceled": FAILED,
    "failed": FAILED,
}

_FIELDS = (
    "stripe_transfer_id", "transfer_amount", "transfer_currency", "amount_reversed",
    "stripe_payout_id", "payout_amount", "payout_currency", "arrival_date", "payout_reversed_by",
    "completed_at", "failed_reason",
)  # fmt: skip


def _all_after(status: str) -> frozenset[str]:
    """Events get lost, so whatever some chain of legal steps reaches."""
    return frozenset(STEPS[status]).union(*map(_all_after, STEPS[status]))


def _through(before: str | None, after: str) -> tuple[str, ...]:
    """The legal way to a later status, for a history that shows no jump where a step's event was lost."""
    here = before or PENDING
    way = () if after in {here, *STEPS[here]} else tuple(step for step in STEPS[here] if after in STEPS[step])
    return (*way[:1], after)


def _set_aside(facts: Sequence[Placed]) -> Mapping[str, str]:
    """Metadata may name one registered payout on several of Stripe's objects: the first that was made pays it."""
    ages: dict[str, dict[str, datetime]] = defaultdict(dict)
    for one in facts:
        fact = _of_money(one.fact)
        told, known = fact.created or one.occurred_at, ages[fact.kind].get(paying_id(fact))
        ages[fact.kind][paying_id(fact)] = told if known is None else min(told, known)
    first = {kind: min((age, paying) for paying, age in made.items())[1] for kind, made in ages.items()}
    return {
        one.cause: f"another {fact.kind}, {first[fact.kind]}, was made first and pays it"
        for one in facts
        if paying_id(fact := _of_money(one.fact)) != first[fact.kind]
    }


def _goes_on(state: State, placed: Placed) -> bool:
    """Not the first word of another transfer or payout: which of them pays, only all the facts tell. Nor a jump."""
    fact, before = _of_money(placed.fact), state.get("status")
    is_first_to_pay = not state or state.get(f"stripe_{fact.kind}_id") == paying_id(fact)
    return is_first_to_pay and len(_through(before if isinstance(before, str) else None, _status_of(placed))) == 1


def _of_money(fact: Fact) -> TransferFact | PayoutFact:
    if not isinstance(fact, TransferFact | PayoutFact):
        raise TypeError(fact.kind)
    return fact


def keeps_status(placed: Placed) -> bool:
    """News of another kind: a new description, a part taken back, the payout by which another is taken back."""
    return _status_of(placed) == PENDING


def _status_of(placed: Placed) -> str:
    """PENDING, where every registered payout begins, from a fact that tells nothing of how far the money is."""
    fact = _of_money(placed.fact)
    if isinstance(fact, PayoutFact):
        return PENDING if fact.original_payout else _BY_PAYOUT_STATUS[payout.RULES.status_of(placed)]
    if placed.type == "transfer.updated":
        return PENDING
    is_over = not transfer.RULES.leads_to[transfer.RULES.status_of(placed)]
    return FAILED if is_over else _BY_TRANSFER.get(placed.type, PENDING)


def _advance(state: State, placed: Placed) -> State:
    known = {**dict.fromkeys(_FIELDS), **{name: value for name, value in state.items() if name != "status"}}
    reached = _status_of(placed)
    if reached == COMPLETED and known["completed_at"] is None:
        known["completed_at"] = placed.occurred_at.isoformat()
    if reached == FAILED and known["failed_reason"] is None:
        known["failed_reason"] = _failed_reason(placed)
    return {**known, **_shown_of(_of_money(placed.fact), known)}


def _shown_of(fact: TransferFact | PayoutFact, known: State) -> State:
    if isinstance(fact, TransferFact):
        return {
            "stripe_transfer_id": fact.subject_id,
            "transfer_amount": fact.amount,
            "transfer_currency": fact.currency,
            "amount_reversed": max(fact.amount_reversed, _number(known["amount_reversed"])),
            "arrival_date": known["arrival_date"] or _iso(fact.arrival_date),
        }
    if fact.original_payout:
        return {"stripe_payout_id": fact.original_payout, "payout_reversed_by": fact.subject_id}
    return {
        "stripe_payout_id": fact.subject_id,
        "payout_amount": fact.amount,
        "payout_currency": fact.currency,
        "arrival_date": _iso(fact.arrival_date) or known["arrival_date"],
        "payout_reversed_by": fact.reversed_by or known["payout_reversed_by"],
    }


def _failed_reason(placed: Placed) -> str:
    """Stripe's code where there is one, else a plain word; the first reason stands, later ones follow from it."""
    fact = _of_money(placed.fact)
    rules = payout.RULES if isinstance(fact, PayoutFact) else transfer.RULES
    return fact.failure_code or rules.status_of(placed)


def _number(value: JSON) -> int:
    return value if isinstance(value, int) else 0


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


RULES = Rules(
    leads_to={status: _all_after(status) for status in STEPS},
    progress=_PROGRESS,
    status_of=_status_of,
    advance=_advance,
    keeps_status=keeps_status,
    set_aside=_set_aside,
    goes_on=_goes_on,
    through=_through,
)
