"""What an event asks for: read before its transaction begins, done inside of it, alone or together with others."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from schemas import catalog
from schemas.reading import Event
from shared.db import Connection
from shared.thin_types import THIN
from workers import applying, ending, handlers, payouts
from workers.extensions import Extension
from workers.ledger import Claim, Reason, Settled, Settlement
from workers.subjects import Placement

# What thin events wait for; whoever brings a key wakes them (shared/parking.py).
STRIPE_API_KEY = "stripe:api_key"

PROCESSED = Settlement("processed")

# From a thin event to how it ends, once Stripe was asked.
Thin = Callable[[Event], Settlement]


@dataclass(frozen=True, slots=True)
class Work:
    """A claim and what is to be done for it: a fact to be placed, or an act of its own that says how the event ends.

    With neither it ends as `settlement` says.
    """

    claim: Claim
    settlement: Settlement = PROCESSED
    placement: Placement | None = None
    act: Callable[[Connection], Settlement] | None = None


@dataclass(frozen=True, slots=True)
class Done:
    claim: Claim
    settlement: Settlement
    settled: Settled


def of(
    claim: Claim,
    event: Event,
    *,
    livemode: bool | None,
    extensions: Mapping[str, Extension],
    thin: Thin | None = None,
) -> Work:
    """What this event asks for; SchemaError where its object cannot be read. `thin` asks Stripe what one tells."""
    ignored = _ignored(event, livemode, thin)
    if ignored is not None:
        return Work(claim, ignored)
    if event.is_thin and thin is not None:
        return Work(claim, thin(event))
    if catalog.handles(event.type):
        fact = catalog.validate(event)
        if fact.kind in payouts.KINDS:
            return Work(claim, act=lambda conn: payouts.apply(conn, claim, event, fact))
        return Work(claim, placement=applying.placement_of(claim, event, fact))
    handler = extensions.get(event.type)
    if handler is None:
        return Work(claim, _ignore("no_handler", "no handler for this type of event"))
    return Work(claim, act=lambda conn: handlers.carry(conn, claim, event, handler))


# What access follows from.
_OF_ACCESS = frozenset({"subscription", "invoice"})


def customers_touched(works: Sequence[Work]) -> list[bytes | None]:
    """Customers behind whom somebody's access may change."""
    return [
        work.claim.customer_hash
        for work in works
        if work.placement is not None and work.placement.address.kind in _OF_ACCESS
    ]


def types_apart(extensions: Mapping[str, Extension]) -> list[str]:
    """Types whose events are never carried together with others: they may take long, or take more than one lock."""
    followed = [
        known.type
        for known in (*catalog.EVENT_TYPES.values(), *catalog.FETCHED.values())
        if known.kind in payouts.KINDS
    ]
    return [*followed, *THIN, *extensions]


def do(conn: Connection, works: Sequence[Work]) -> list[Done]:
    """Do all of it in the caller's transaction, or none; raises Fenced when one of the claims is no longer ours."""
    applying.apply(conn, [work.placement for work in works if work.placement is not None])
    settlements = [work.settlement if work.act is None else work.act(conn) for work in works]
    endings = [(work.claim.held, settlement) for work, settlement in zip(works, settlements, strict=True)]
    ended = zip(works, settlements, ending.end(conn, endings), strict=True)
    return [Done(work.claim, settlement, settled) for work, settlement, settled in ended]


def _ignored(event: Event, livemode: bool | None, thin: Thin | None) -> Settlement | None:  # noqa: FBT001 - three-valued
    if livemode is not None and event.livemode is not livemode:
        return _ignore("livemode", "livemode: this deployment takes the other mode (CARELANE_LIVEMODE)")
    if event.is_thin and thin is None:
        message = "no Stripe API key: a thin event's object must be fetched"
        return _ignore("no_stripe_api_key", message, waits_for=(STRIPE_API_KEY,))
    return None


def _ignore(code: str, message: str, *, waits_for: tuple[str, ...] = ()) -> Settlement:
    return Settlement("ignored", Reason("ignored", code, message), waits_for)
