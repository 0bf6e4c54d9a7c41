"""The daily report, on beat."""

from datetime import UTC, datetime

import structlog

from shared import db, reports
from shared.config import Settings
from shared.errors import TransientError

log = structlog.get_logger(__name__)

# It counts a day's events: longer than the pool's statements may take, and less than the task may.
_TIMEOUT_MS = 7000


def report(settings: Settings, *, now: datetime | None = None) -> bool:
    """Tell staff of the last full day, once; whether it was told now. What fails is tried again with the next beat."""
    day = reports.last_day(now or datetime.now(UTC))
    try:
        with db.connect(str(settings.database_url), name="report", statement_timeout_ms=_TIMEOUT_MS) as conn:
            is_told = reports.owe(conn, day, stale_hours=settings.payout_stale_hours)
    except TransientError as error:
        log.warning("the daily report waits", action="report.later", code=error.code)
        return False
    if is_told:
        log.info("the daily report is told", action="report.told")
    return is_told
