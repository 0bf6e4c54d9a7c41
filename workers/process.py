"""Carries events from their claim to their end: open, read, validate, apply, settle, or note the failure.

Under a backlog many are carried in one transaction; each still ends by itself, for where the many fail, or one of them
does, each is carried alone.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from schemas.reading import read_event
from shared import access_changes
from shared.crypto import Reader
from shared.db import Pool
from shared.errors import TransientError
from shared.rules.guard import FloodRule
from shared.rules.lanes import Lane
from shared.rules.retries import ErrorClass, Policy
from shared.rules.standing import Policy as AccessPolicy
from workers import after_commit, ending, failure, ledger, opening, versions, walking, work
from workers.extensions import Extension
from workers.ledger import Claim, Fenced
from workers.moments import moments
from workers.observers import Observers
from workers.work import Thin, Work

NOT_WAITING = "not waiting"
LEFT = "left"
# Not even the failure could be written down in time: the database is away. The lease's end gives the event back.
UNNOTED = "unnoted"

# Whoever is not begun by then is left to a later message: the task's own limit must not strike in the middle of it.
_BEGIN_SECONDS = 2.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Processor:
    """What a worker needs to carry events; one for each process."""

    pool: Pool
    reader: Reader
    policies: Mapping[ErrorClass, Policy]
    flood: FloodRule
    lease_seconds: Mapping[Lane, int]
    livemode: bool | None
    worker: str
    access_policy: AccessPolicy = field(default_factory=AccessPolicy)
    random: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic
    handlers: Mapping[str, Extension] = field(default_factory=dict)
    observers: Observers = field(default_factory=Observers)
    ring_owed: Callable[[], None] = lambda: None  # that notices may have been committed; it waits for nobody
    thin: Thin | None = None

    @cached_property
    def _apart(self) -> list[str]:
        return work.types_apart(self.handlers)

    def carry(self, row_ids: Sequence[int], lane: Lane = "standard") -> dict[int, str]:
        """Carry these through one attempt each; how each ended, `left` for what there was no time to begin.

        `lane` is the one that their message rode: its time limits hold, and the leases outlast them.
        """
        if len(row_ids) == 1:
            return self._hurry(row_ids[0]) if lane == "crisis" else {row_ids[0]: self.process(row_ids[0], lane)}
        begun = self.clock()
        outcomes = dict.fromkeys(row_ids, NOT_WAITING)
        claims = self._claim(partial(ledger.claim, row_ids=row_ids, apart=self._apart), lane)
        outcomes |= self._together(claims, begun)
        rest = self._still_due([row_id for row_id in row_ids if outcomes[row_id] == NOT_WAITING])
        while rest and self.clock() - begun < _BEGIN_SECONDS:
            row_id, *rest = rest
            outcomes[row_id] = self.process(row_id, lane)
        return outcomes | self._leave(rest)

    def process(self, row_id: int, lane: Lane = "standard") -> str:
        """Carry one event; the outcome is a state, or `not waiting` when there is nothing to do."""
        claims = self._claim(partial(ledger.claim, row_ids=[row_id]), lane)
        return {row_id: NOT_WAITING, **self._together(claims, self.clock())}[row_id]

    def _hurry(self, row_id: int) -> dict[int, str]:
        """Carry it, and with it others in danger that wait: under load their own messages lie behind this one."""
        begun = self.clock()
        claims = self._claim(partial(ledger.claim_with_others, row_id=row_id, apart=self._apart), "crisis")
        alone = [claim for claim in claims if claim.attempt > 1 or claim.held.type in {None, *self._apart}]
        outcomes = {row_id: NOT_WAITING} | self._together(alone, begun)
        return outcomes | self._together([claim for claim in claims if claim not in alone], begun)

    def _claim(self, take: Callable[..., list[Claim]], lane: Lane) -> list[Claim]:
        for attempt in moments():
            with attempt, self.pool.statement() as conn:
                return take(conn, worker=self.worker, lease_seconds=self.lease_seconds[lane])
        return []  # pragma: no cover - the last attempt returns or raises

    def _together(self, claims: Sequence[Claim], begun: float) -> dict[int, str]:
        ready, outcomes = self._read(claims)
        if len(ready) <= 1:
            return outcomes | {one.claim.held.row_id: self._alone(one) for one in ready}
        try:
            return outcomes | self._do(ready)
        except (TransientError, SoftTimeLimitExceeded) as error:
            return outcomes | self._fail_all([one.claim for one in ready], error)
        except Exception:  # noqa: BLE001 - whose failure it is shows when each is carried alone
            log.info("events are carried one by one", action="event.one_by_one", count=len(ready))
            return outcomes | self._one_by_one(ready, begun)

    def _one_by_one(self, works: Sequence[Work], begun: float) -> dict[int, str]:
        outcomes: dict[int, str] = {}
        for number, one in enumerate(works):
            if self.clock() - begun >= _BEGIN_SECONDS:
                error = TransientError("the others of its message left it no time", code="not_begun")
                return outcomes | self._fail_all([late.claim for late in works[number:]], error)
            outcomes[one.claim.held.row_id] = self._alone(one)
        return outcomes

    def _alone(self, one: Work) -> str:
        with walking.through(one.claim):
            return self._carry(one)

    def _carry(self, one: Work) -> str:
        held = one.claim.held
        try:
            return self._do([one])[held.row_id]
        except Fenced:
            log.warning("another claim took over", action="event.fenced", row_id=held.row_id, fence=held.fence)
            return "fenced"
        except Exception as error:  # noqa: BLE001 - whatever a handler raises is this event's failure, never the worker's
            return self._fail(one.claim, error)

    def _read(self, claims: Sequence[Claim]) -> tuple[list[Work], dict[int, str]]:
        """What each asks for; and how those ended that cannot be read."""
        ready: list[Work] = []
        outcomes: dict[int, str] = {}
        for claim in claims:
            self.observers.received(claim)
            try:
                ready.append(self._work(claim))
            except Exception as error:  # noqa: BLE001 - as above
                with walking.through(claim):
                    outcomes[claim.held.row_id] = self._fail(claim, error)
        return ready, outcomes

    def _work(self, claim: Claim) -> Work:
        event = read_event(opening.body_of(claim, self.reader))
        versions.note(self.pool, event.api_version, is_new_event=claim.held.series == claim.attempt == 1)
        return work.of(claim, event, livemode=self.livemode, extensions=self.handlers, thin=self.thin)

    def _do(self, works: Sequence[Work]) -> dict[int, str]:
        for attempt in moments():
            with attempt, self.pool.transaction() as conn:
                done = work.do(conn, works)
                touched = access_changes.mark_customers(conn, work.customers_touched(works))
        access_changes.refresh_each(self.pool, touched, self.access_policy)
        self.ring_owed()
        after_commit.say(ending.tell, [(one.claim.held, one.settled) for one in done])
        for one in done:
            after_commit.say(self.observers.processed, one.claim, one.settled.state, one.settlement.reason)
        return {one.claim.held.row_id: one.settled.state for one in done}

    def _fail(self, claim: Claim, error: Exception) -> str:
        decide = failure.rule_of(error, self.policies, flood=self.flood, chance=self.random())
        try:
            for attempt in moments():
                with attempt, self.pool.transaction() as conn:
                    failed = failure.note(conn, claim.held, decide)
        except Fenced:
            return "fenced"
        except (TransientError, SoftTimeLimitExceeded):
            return UNNOTED
        self.ring_owed()
        after_commit.say(failure.tell, claim.held, failed, error)
        after_commit.say(self.observers.failed, claim, failed.state, failed.reason)
        return failed.state

    def _fail_all(self, claims: Sequence[Claim], error: Exception) -> dict[int, str]:
        """Where one failure cannot be written down, the next would not be either, and each would wait as long."""
        outcomes: dict[int, str] = {}
        for claim in claims:
            outcomes[claim.held.row_id] = UNNOTED if UNNOTED in outcomes.values() else self._fail(claim, error)
        return outcomes

    def _still_due(self, row_ids: Sequence[int]) -> list[int]:
        if not row_ids:
            return []
        with self.pool.transaction() as conn:
            return ledger.still_due(conn, row_ids)

    def _leave(self, row_ids: Sequence[int]) -> dict[int, str]:
        if row_ids:
            with self.pool.transaction() as conn:
                ledger.leave(conn, row_ids)
        return dict.fromkeys(row_ids, LEFT)
