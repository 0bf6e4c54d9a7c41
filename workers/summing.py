"""Hours that are over are summed for the console, so that it reads days without counting events."""

import time

import structlog

from shared import db, event_hours
from shared.config import Settings
from shared.db import Pool
from workers import housekeeping

log = structlog.get_logger(__name__)

STEP = "event_hours"
# An hour may hold many events: longer than the pool's statements may take. Both together: less than the task may.
_STATEMENT_MS, _SLICE_SECONDS = 4000, 3.0
_MOST_HOURS = 96


def sum_hours(pool: Pool, settings: Settings, *, most: int = _MOST_HOURS) -> int:
    """How many were summed now; what is left of a long absence of beat's waits for the next turn."""
    return housekeeping.tried(STEP, lambda _: _summed(settings, most), pool)


def _summed(settings: Settings, most: int) -> int:
    ends, done = time.monotonic() + _SLICE_SECONDS, 0
    with db.connect(str(settings.database_url), name="sums", statement_timeout_ms=_STATEMENT_MS) as conn:
        for hour in event_hours.to_be_summed(conn, most=most):
            if time.monotonic() > ends or not housekeeping.is_mine(conn, STEP):
                break
            event_hours.sum_hour(conn, hour)
            conn.commit()  # each by itself: what comes after it may take too long
            done += 1
    return done
