"""What events' facts lead to: their subjects' histories, those of the payouts they pay, and what is owed for it."""

from collections.abc import Sequence

from schemas.facts import Fact
from schemas.reading import Event
from shared.db import Connection
from workers import history, owed
from workers.ledger import Claim
from workers.subjects import Address, Placement


def placement_of(claim: Claim, event: Event, fact: Fact) -> Placement:
    address = Address(fact.kind, fact.subject_id, claim.account, claim.livemode)
    return Placement(claim, address, history.placed_of(claim, event, fact))


def apply(conn: Connection, placements: Sequence[Placement]) -> None:
    """Carry the facts into all that they are about, once, in the caller's transaction."""
    for (address, cause), outcome in history.place(conn, placements).items():
        if address.kind == "account":
            owed.of_account(conn, address, outcome, because=cause)
