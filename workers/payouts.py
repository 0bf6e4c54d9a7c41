"""Transfers and payouts: each has a history of its own, and the registered payout that it pays has another."""

from schemas.facts import Fact
from schemas.payout import PayoutFact
from schemas.reading import Event
from schemas.transfer import TransferFact
from shared import audit, parking, payouts
from shared.db import Connection
from shared.payouts import KIND, Registered
from shared.rules.payout_links import LinkKey, keys_of, refusal
from workers import history, owed
from workers.history import Address
from workers.ledger import Claim, Reason, Settlement

KINDS = frozenset({TransferFact.kind, PayoutFact.kind})


def apply(conn: Connection, claim: Claim, event: Event, fact: Fact) -> Settlement:
    """Follow the registered payout; an event of a payout that nobody registered waits, ignored, until somebody does."""
    keys = keys_of(fact, claim.account)
    registered = _find(conn, claim, fact, keys)
    if registered is None:
        return _orphan(fact, keys)
    _keep_ids(conn, registered, fact, claim.account)
    placed = history.placed_of(claim, event, fact)
    history.place(conn, claim, Address(fact.kind, fact.subject_id, claim.account), placed)
    followed = Address(KIND, registered.owed.payout_id, registered.owed.account)
    outcome = history.place(conn, claim, followed, placed)
    if outcome is not None:
        owed.of_payout(conn, followed, registered, outcome)
    return Settlement("processed")


def _find(conn: Connection, claim: Claim, fact: Fact, keys: tuple[LinkKey, ...]) -> Registered | None:
    found = payouts.find(conn, keys)
    if not found and keys:
        # Only who finds nothing takes part in the meeting with whoever registers it at this moment.
        for key in keys:
            parking.look_for(conn, key.name)
        found = payouts.find(conn, keys)
    for registered in found:
        why_not = refusal(registered.owed, fact)
        if why_not is None:
            return registered
        name = f"payout:{registered.owed.payout_id}"
        audit.record(
            conn, actor="worker", act="payout.link_refused", object=name, reason=f"{claim.held.name}: {why_not}"
        )
    return None


def _orphan(fact: Fact, keys: tuple[LinkKey, ...]) -> Settlement:
    message = f"nobody registered a payout that this {fact.kind} pays"
    return Settlement("ignored", Reason("ignored", "orphan", message), tuple(key.name for key in keys))


def _keep_ids(conn: Connection, registered: Registered, fact: Fact, event_account: str | None) -> None:
    """What metadata linked goes by Stripe's own id from now on; events that waited under that name are woken."""
    one = registered.owed
    if isinstance(fact, TransferFact) and one.stripe_transfer_id is None:
        payouts.learn(conn, one, transfer_id=fact.subject_id)
    elif isinstance(fact, PayoutFact) and one.stripe_payout_id is None:
        payouts.learn(conn, one, payout_id=fact.original_payout or fact.subject_id)
    else:
        return
    payouts.link(conn, one.payout_id, [key for key in keys_of(fact, event_account) if key.by != "metadata"])
