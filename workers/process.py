"""Carries one event from its claim to its end: open, read, validate, apply, settle, or note the failure."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from schemas import catalog
from schemas.reading import Event, read_event
from shared.crypto import Reader
from shared.db import Connection, Pool
from shared.errors import IntegrityError, NotYet, TransientError
from shared.rules.guard import FloodRule
from shared.rules.lanes import Lane
from shared.rules.retries import ErrorClass, Policy
from workers import applying, ending, failure, handlers, ledger, versions
from workers.extensions import Extension
from workers.failure import classify
from workers.ledger import Claim, Fenced, Reason, Settlement
from workers.observers import Observers

# A lost race (40), a server that goes down (57P), a connection that is gone.
_MOMENTARY = ("database_40", "database_57P", "database_away")

# What thin events wait for; whoever brings a key wakes them (shared/parking.py).
STRIPE_API_KEY = "stripe:api_key"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Processor:
    """What a worker needs to carry events; one for each process."""

    pool: Pool
    reader: Reader
    policies: Mapping[ErrorClass, Policy]
    flood: FloodRule
    lease_seconds: Mapping[Lane, int]
    livemode: bool | None
    worker: str
    random: Callable[[], float] = random.random
    handlers: Mapping[str, Extension] = field(default_factory=dict)
    observers: Observers = field(default_factory=Observers)

    def process(self, row_id: int, lane: Lane = "standard") -> str:
        """Carry one event through one attempt; the outcome is a state, or `not waiting` when there is nothing to do.

        `lane` is the one that its message rode: its time limits hold, and the lease outlasts them.
        """
        claim = self._claim(row_id, self.lease_seconds[lane])
        if claim is None:
            return "not waiting"
        self.observers.received(claim)
        try:
            return self._carry(claim)
        except Fenced:
            log.warning("another claim took over", action="event.fenced", row_id=row_id, fence=claim.held.fence)
            return "fenced"
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is this event's failure, never the worker's
            return self._fail(claim, error)

    def _claim(self, row_id: int, lease_seconds: int) -> Claim | None:
        for attempt in _moments():
            with attempt, self.pool.transaction() as conn:
                return ledger.claim(conn, row_id, worker=self.worker, lease_seconds=lease_seconds)
        return None  # pragma: no cover - the last attempt returns or raises

    def _carry(self, claim: Claim) -> str:
        if claim.sealed is None:
            raise IntegrityError("the body of this event is gone")
        event = read_event(self.reader.open(claim.sealed, claim.identity))
        versions.note(self.pool, event.api_version)
        work = self._work(event)
        for attempt in _moments():
            with attempt, self.pool.transaction() as conn:
                settlement = work(conn, claim)
                settled = ending.end(conn, claim.held, settlement)
        ending.tell(claim.held, settled)
        self.observers.processed(claim, settled.state, settlement.reason)
        return settled.state

    def _work(self, event: Event) -> Callable[[Connection, Claim], Settlement]:
        """What is to be done in the event's transaction; SchemaError before it begins."""
        ignored = _ignored(event, self.livemode)
        if ignored is not None:
            return lambda _conn, _claim: ignored
        if catalog.handles(event.type):
            fact = catalog.validate(event)
            return lambda conn, claim: applying.apply(conn, claim, event, fact)
        handler = self.handlers.get(event.type)
        if handler is None:
            return lambda _conn, _claim: _ignore("no_handler", "no handler for this type of event")
        return lambda conn, claim: handlers.carry(conn, claim, event, handler)

    def _fail(self, claim: Claim, error: Exception) -> str:
        error_class, reason = classify(error)
        decide = failure.Rule(
            reason=reason,
            policy=self.policies[error_class],
            flood=self.flood,
            chance=self.random(),
            wish=error.retry_after_seconds if isinstance(error, TransientError | NotYet) else None,
            waits_for=(error.waits_for,) if isinstance(error, NotYet) else (),
        )
        try:
            for attempt in _moments():
                with attempt, self.pool.transaction() as conn:
                    failed = failure.note(conn, claim.held, decide)
        except Fenced:
            return "fenced"
        failure.tell(claim.held, failed)
        self.observers.failed(claim, failed.state, failed.reason)
        return failed.state


def _ignored(event: Event, livemode: bool | None) -> Settlement | None:  # noqa: FBT001 - three-valued, as in the settings
    if livemode is not None and event.livemode is not livemode:
        return _ignore("livemode", "livemode: this deployment takes the other mode (CARELANE_LIVEMODE)")
    if event.is_thin:
        message = "no Stripe API key: a thin event's object must be fetched"
        return _ignore("no_stripe_api_key", message, waits_for=(STRIPE_API_KEY,))
    return None


def _ignore(code: str, message: str, *, waits_for: tuple[str, ...] = ()) -> Settlement:
    return Settlement("ignored", Reason("ignored", code, message), waits_for)


def _moments() -> Retrying:
    """The seconds inside one attempt: a deadlock or a lost connection is tried again before it counts as a failure."""
    return Retrying(
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        retry=retry_if_exception(_passes_in_a_moment),
        reraise=True,
    )


def _passes_in_a_moment(error: BaseException) -> bool:
    """Not what ran into a time-out: the task's own limit would come before the next."""
    return isinstance(error, TransientError) and error.code.startswith(_MOMENTARY)
