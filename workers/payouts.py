"""Transfers and payouts: each has a history of its own, and the registered payout that it pays has another."""

from collections.abc import Mapping
from itertools import takewhile

from schemas.facts import Fact
from schemas.payout import PayoutFact
from schemas.reading import Event
from schemas.transfer import TransferFact
from shared import audit, parking, payouts
from shared.db import Connection
from shared.rules.payout_links import KIND, LinkKey, Registered, keys_of, refusal
from workers import history, owed
from workers.ledger import Claim, Reason, Settlement
from workers.subjects import Address, Placement

KINDS = frozenset({TransferFact.kind, PayoutFact.kind})


def apply(conn: Connection, claim: Claim, event: Event, fact: Fact) -> Settlement:
    """Follow the registered payout; an event of a payout that nobody registered waits, ignored, until somebody does."""
    keys = keys_of(fact, claim.account, claim.livemode)
    found = payouts.find(conn, keys)
    if _paid_by(fact, found) is None:
        # Only who finds nothing that it pays takes part in the meeting with whoever registers it at this moment.
        for key in keys:
            parking.look_for(conn, key.name)
        found = payouts.find(conn, keys)
    refused = _refused(conn, claim, fact, found)
    registered = _paid_by(fact, found)
    if registered is None:
        return _orphan(fact, keys, refused)
    # What metadata linked goes by Stripe's own id from now on; events that waited under that name are woken.
    payouts.link(conn, registered.owed, [key for key in keys if key.by != "metadata" and key.name not in found])
    _follow(conn, claim, registered, event, fact)
    return Settlement("processed")


def _follow(conn: Connection, claim: Claim, registered: Registered, event: Event, fact: Fact) -> None:
    followed = Address(KIND, registered.owed.payout_id, registered.owed.account, registered.owed.livemode)
    itself = Address(fact.kind, fact.subject_id, claim.account, claim.livemode)
    placed = history.placed_of(claim, event, fact)
    outcomes = history.place(conn, [Placement(claim, address, placed) for address in (itself, followed)])
    outcome = outcomes.get((followed, placed.cause))
    if outcome is not None:
        owed.of_payout(conn, followed, payouts.as_it_is(conn, registered), outcome, because=placed.cause)


def _paid_by(fact: Fact, found: Mapping[str, Registered]) -> Registered | None:
    """The first that does not go by another id."""
    return next((one for one in found.values() if refusal(one.owed, fact) is None), None)


def _refused(conn: Connection, claim: Claim, fact: Fact, found: Mapping[str, Registered]) -> Registered | None:
    """The first that goes by another id, and a record of each before the one that does not."""
    refused = list(takewhile(lambda one: refusal(one.owed, fact) is not None, found.values()))
    for one in refused:
        reason = f"{claim.held.name}: {refusal(one.owed, fact)}"
        audit.record(conn, actor="worker", act="payout.link_refused", object=one.name, reason=reason)
    return next(iter(refused), None)


def _orphan(fact: Fact, keys: tuple[LinkKey, ...], refused: Registered | None) -> Settlement:
    message = f"nobody registered a payout that this {fact.kind} pays"
    if refused is not None:
        message += f"; it names {refused.owed.payout_id}, for which {refusal(refused.owed, fact)}"
    return Settlement("ignored", Reason("ignored", "orphan", message), tuple(key.name for key in keys))
