"""One sweep of the relay: take back what lost workers held, and nudge what is due. Bounded, and safe to run twice."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from shared import broker, processes
from shared.broker import Nudge
from shared.config import Settings
from shared.db import Pool
from shared.doorbells import Doorbell
from shared.queries import load
from shared.rules.guard import FloodRule
from shared.rules.lanes import LANES, OPEN_CRISIS, URGENCIES, Lane
from shared.rules.retries import ErrorClass, Policy
from shared.waiting import move_waiting
from workers import failure, ledger, metrics
from workers.ledger import Reason

log = structlog.get_logger(__name__)

_MOST_RESCUED = 200
_LOST = Reason(ErrorClass.WORKER_LOST.value, "worker_lost", "the worker that held this event died or hung")

# An empty list holds no nudge: what was rung and still waits after this time was lost with the broker's memory, or by
# a worker that died with the message in its hands.
_LOST_SECONDS = 2
# What lies in a long list is not lost, its workers are slow: ringing again would only give them more to do.
_SHORT_LIST = 50
_SLOW_IS_NOT_LOST = 10


# How many events share a message under a backlog. A person in danger shares none; a failed card shares it with few, for
# such a person may be waiting behind them.
_TOGETHER: Mapping[Lane, int] = {"crisis": 10, "standard": broker.MOST_IDS}
# A queue of RabbitMQ has one order for all of a lane; whoever takes up one event of it takes those in danger along.
_ALONE: Mapping[Lane, int] = {**_TOGETHER, "crisis": 1}
# Messages laid ahead of the workers: some seconds of work. What the lists hold, each sweep reads over again.
_MESSAGES_AHEAD = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a relay sweeps with; `unclaimed_seconds` is how long a nudge may go unanswered, by lane."""

    pool: Pool
    doorbell: Doorbell
    lost_policy: Policy
    flood: FloodRule
    unclaimed_seconds: dict[str, int]
    most_waiting: int
    is_gone: Callable[[str], bool] = processes.is_gone
    together: Mapping[Lane, int] = field(default_factory=lambda: _TOGETHER)

    def rescue(self) -> int:
        """Give back, or end, the claims whose lease has run out or whose owner is dead; how many."""
        with self.pool.transaction() as conn:
            gone = [owner for owner in ledger.owners(conn) if self.is_gone(owner)]
            lost = ledger.lost(conn, gone=gone, most=_MOST_RESCUED)
            noted = [(held, failure.note(conn, held, self._rule())) for held in lost]
        for held, failed in noted:
            failure.tell(held, failed)
            metrics.RESCUED.labels(failed.state).inc()
        return len(noted)

    def _rule(self) -> failure.Rule:
        chance = random.random()  # noqa: S311 - jitter is no secret
        return failure.Rule(reason=_LOST, policy=self.lost_policy, flood=self.flood, chance=chance)

    def put_danger_first(self) -> None:
        """What was kept in the moment a crisis opened did not see it, nor was it seen."""
        with self.pool.transaction() as conn:
            move_waiting(conn)

    def nudge(self) -> int:
        """Ring for what is due, crisis first, as far as the lists have room; how many events.

        The stamp and the ringing share a transaction: when the broker does not take them, they stay due.
        Raises redis.RedisError or TransientError when the broker is away.
        """
        waiting = self.doorbell.waiting()
        total = 0
        for lane in LANES:
            lying = sum(waiting[lane, urgency] for urgency in URGENCIES[lane])
            room = min(self.most_waiting, _MESSAGES_AHEAD) - lying
            for urgency in URGENCIES[lane]:
                # People in danger get through however full their lane is of failed cards.
                is_danger = urgency == OPEN_CRISIS
                most, together = (self.most_waiting, 1) if is_danger else (room, self.together[lane])
                patience = self._patience(lane, waiting[lane, urgency])
                rung, events = self._ring(lane, urgency, most=most, together=together, patience=patience)
                room -= rung
                total += events
        return total

    def _patience(self, lane: Lane, waiting: int) -> int:
        """For how many seconds a nudge may go unanswered, by how many others lie in its list."""
        if waiting == 0:
            return min(self.unclaimed_seconds[lane], _LOST_SECONDS)
        return self.unclaimed_seconds[lane] * (1 if waiting <= _SHORT_LIST else _SLOW_IS_NOT_LOST)

    def _ring(self, lane: Lane, urgency: int, *, most: int, together: int, patience: int) -> tuple[int, int]:
        """Ring with at most so many messages; how many there were, and of how many events."""
        if most <= 0:
            return 0, 0
        parameters = {"lane": lane, "urgency": urgency, "unclaimed_seconds": patience, "most": most * together}
        with self.pool.transaction() as conn:
            rows = list(conn.execute(load("ledger")["take_due"], parameters))
            nudges = [Nudge(ids, lane, urgency) for ids in messages(rows, together=together)]
            if nudges and not self.doorbell.ring(nudges):
                conn.rollback()
                return 0, 0
        if rows:
            metrics.NUDGES.labels(lane).inc(len(rows))
            log.info("nudged what was due", action="relay.nudged", lane=lane, count=len(rows))
        return len(nudges), len(rows)


def messages(rows: Sequence[Mapping[str, int]], *, together: int) -> list[tuple[int, ...]]:
    """The row ids of each message: what has failed before goes alone."""
    alone = sorted(row["id"] for row in rows if row["attempts"])
    first = sorted(row["id"] for row in rows if not row["attempts"])
    grouped = [tuple(first[start : start + together]) for start in range(0, len(first), together)]
    return [*((row_id,) for row_id in alone), *grouped]


def build(settings: Settings, pool: Pool, doorbell: Doorbell) -> Sweep:
    return Sweep(
        pool=pool,
        doorbell=doorbell,
        lost_policy=failure.policies_of(settings)[ErrorClass.WORKER_LOST],
        flood=failure.flood_of(settings),
        unclaimed_seconds={
            "crisis": settings.crisis_unclaimed_seconds,
            "standard": settings.standard_unclaimed_seconds,
        },
        most_waiting=settings.nudge_depth,
        together=_TOGETHER if settings.broker_url is None else _ALONE,
    )
