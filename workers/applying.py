"""What an event's fact leads to: its subject's history, that of the payout it pays, and what is owed for it."""

from schemas.facts import Fact
from schemas.reading import Event
from shared.db import Connection
from workers import history, owed, payouts
from workers.history import Address
from workers.ledger import Claim, Settlement

PROCESSED = Settlement("processed")


def apply(conn: Connection, claim: Claim, event: Event, fact: Fact) -> Settlement:
    """Carry the fact into all that it is about, once, in the caller's transaction; how the event ends."""
    if fact.kind in payouts.KINDS:
        return payouts.apply(conn, claim, event, fact)
    address = Address(fact.kind, fact.subject_id, claim.account)
    outcome = history.place(conn, claim, address, history.placed_of(claim, event, fact))
    if outcome is not None and fact.kind == "account":
        owed.of_account(conn, address, outcome)
    return PROCESSED
