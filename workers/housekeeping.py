"""Upkeep of what only grows: each step by itself, bounded, and safe to run twice at once.

What else is upkeep: partitions, guards and callbacks in `maintenance`; log files by `carelane up`, which owns them.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import psycopg
import structlog
from prometheus_client import Counter

from shared import db, outbox
from shared.counts import begin
from shared.db import Connection, Pool
from shared.errors import TransientError
from shared.queries import load
from shared.rules.sync_operations import KIND

log = structlog.get_logger(__name__)

STEPS_FAILED = Counter("carelane_upkeep_failed", "Steps of the upkeep that failed, by step.", ["step"])
begin(STEPS_FAILED, ("operations",), ("hours",), ("wrong_codes",), ("statistics",), ("sources",), ("event_hours",))
_AT_ONCE, _ROUNDS = 2000, 20
Step = Callable[[Pool], int]


def keep_house(pool: Pool, *, notice_days: int) -> dict[str, int]:
    """How much each step did; one that fails is told and keeps no other from its turn."""
    steps: Mapping[str, Step] = {
        "operations": partial(compact_operations, days=notice_days),
        "hours": partial(_once, name="hours", parameters={"days": notice_days}),
        "wrong_codes": partial(_in_parts, name="wrong_codes"),
        "event_hours": partial(_once, name="event_hours", parameters={}),
        "statistics": refresh_statistics,
    }
    return {name: tried(name, step, pool) for name, step in steps.items()}


def tried(name: str, step: Step, pool: Pool) -> int:
    try:
        done = step(pool)
    except (TransientError, psycopg.Error) as error:
        STEPS_FAILED.labels(name).inc()
        log.warning("a step of the upkeep failed", action="upkeep.failed", name=name, kind=type(error).__name__)
        return 0
    if done:
        log.info("upkeep", action="upkeep.done", name=name, count=done)
    return done


def compact_operations(pool: Pool, *, days: int) -> int:
    """What devices were told too long ago to go on from; how many operations say nothing any more."""
    emptied = 0
    for _ in range(_ROUNDS):
        with pool.transaction() as conn:
            if not is_mine(conn, "operations"):
                break
            row = _compact(conn, outbox.oldest_kept(conn, days=days))
            emptied += row["emptied"]
        if row["looked_at"] < _AT_ONCE:
            break
    return emptied


def _compact(conn: Connection, before: int) -> Mapping[str, Any]:
    sql = load("housekeeping")
    conn.execute(sql["begin_progress"], {"name": "operations"})
    row = conn.execute(sql["compact_operations"], {"before": before, "kind": KIND, "most": _AT_ONCE}).fetchone()
    assert row is not None  # noqa: S101 - for mypy: two counts are one row
    return row


def _once(pool: Pool, *, name: str, parameters: Mapping[str, Any]) -> int:
    with pool.transaction() as conn:
        return conn.execute(load("housekeeping")[f"forget_{name}"], parameters).rowcount if is_mine(conn, name) else 0


def _in_parts(pool: Pool, *, name: str) -> int:
    total = 0
    for _ in range(_ROUNDS):
        done = _once(pool, name=name, parameters={"most": _AT_ONCE})
        total += done
        if done < _AT_ONCE:
            break
    return total


def refresh_statistics(pool: Pool) -> int:
    with pool.statement() as conn, db.translated():
        conn.execute(load("housekeeping")["refresh_statistics"])
    return 0


def is_mine(conn: Connection, name: str) -> bool:
    row = conn.execute(load("housekeeping")["take_turn"], {"name": name}).fetchone()
    return row is not None and bool(row["is_mine"])
