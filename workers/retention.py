"""Bodies leave when their time has come; what an event did, and that it was ever here, stays."""

import time
from collections.abc import Callable

import structlog

from shared import audit, old_months
from shared.db import Pool
from shared.queries import load

_AT_ONCE = 500
# Within the task's own limit, with room for the batch in hand; the next hour goes on where this one ended.
_LONGEST_SECONDS = 3.0

log = structlog.get_logger(__name__)


def forget_bodies(pool: Pool, *, days: int, clock: Callable[[], float] = time.monotonic) -> int:
    """Drop the months that are over; then remove bodies of events settled so many days ago, batch by batch; how many.

    Each batch is on record, and each month.
    """
    old_months.drop(pool, days=days)
    ends, total = clock() + _LONGEST_SECONDS, 0
    while removed := _batch(pool, days):
        total += removed
        if clock() >= ends:
            break
    if total:
        log.info("bodies whose time has come are removed", action="bodies.forgotten", count=total)
    return total


def _batch(pool: Pool, days: int) -> int:
    with pool.transaction() as conn:
        removed = conn.execute(load("retention")["forget_bodies"], {"days": days, "most": _AT_ONCE}).rowcount
        if removed:
            told = {"count": removed, "days": days}
            audit.record(conn, actor="beat", act="bodies.forgotten", object="event_bodies", after=told)
    return removed
