"""Months of bodies whose time has come go as a whole: a table is dropped, whatever lies in it."""

from dataclasses import dataclass

import structlog

from shared import audit
from shared.db import Pool
from shared.errors import TransientError
from shared.queries import load

# So many unfinished events of one month may keep their bodies; where there are more, no month is dropped over them.
_MOST_MOVED = 10_000
_MOST_AT_ONCE = 24

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Month:
    """One that is gone: its table's name, and how many bodies were moved since their events have not ended."""

    month: str
    moved: int


def drop(pool: Pool, *, days: int, most_moved: int = _MOST_MOVED, most_months: int = _MOST_AT_ONCE) -> list[Month]:
    """Drop each month that ended so many days ago, oldest first, each in a transaction of its own.

    Whoever keeps or claims an event waits meanwhile, for milliseconds. Where the lock is not had at once nothing is
    dropped, and the next run tries again.
    """
    dropped: list[Month] = []
    while len(dropped) < most_months:
        try:
            month = _drop_one(pool, days, most_moved)
        except TransientError as error:
            log.info("an old month could not be dropped now", action="bodies.month_busy", code=error.code)
            break
        if month is None:
            break
        log.info("a month of bodies was dropped", action="bodies.month_dropped", status=month.month, count=month.moved)
        dropped.append(month)
    return dropped


def _drop_one(pool: Pool, days: int, most_moved: int) -> Month | None:
    with pool.transaction() as conn:
        row = conn.execute(load("old_months")["drop"], {"days": days, "most": most_moved}).fetchone()
        if row is None:
            return None
        month = Month(**row)
        told = {"moved": month.moved, "days": days}
        audit.record(conn, actor="beat", act="bodies.month_dropped", object=month.month, after=told)
        return month
