"""What each hour's events came to, by lane: summed once the hour is over, and read at a cost that never grows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from shared.db import Connection
from shared.queries import load
from shared.rules.lanes import CRISIS_SECONDS, LANES

DAYS = 7
HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """Of what was received in an hour or a day; milliseconds from receipt to end, None where nothing ended.

    `late`: above the crisis lane's promise. Of a day `p99_ms` is its worst hour's and `median_ms` is None.
    """

    begins_at: datetime
    received: int = 0
    processed: int = 0
    ignored: int = 0
    dead: int = 0
    unfinished: int = 0  # when it was summed
    late: int = 0
    median_ms: float | None = None
    p99_ms: float | None = None
    longest_ms: float | None = None

    @property
    def ended(self) -> int:
        """Well."""
        return self.processed + self.ignored


def to_be_summed(conn: Connection, *, most: int) -> list[datetime]:
    return [row["hour"] for row in conn.execute(load("event_hours")["to_be_summed"], {"most": most})]


def sum_hour(conn: Connection, hour: datetime) -> None:
    """In the caller's transaction; summed twice it is the same."""
    parameters = {"hour": hour, "lanes": list(LANES), "promised_ms": CRISIS_SECONDS * 1000}
    conn.execute(load("event_hours")["sum_hour"], parameters)


def read(conn: Connection) -> Mapping[str, Sequence[Sum]]:
    """By lane the summed hours of the last seven days (UTC), the oldest first."""
    found: dict[str, list[Sum]] = {lane: [] for lane in LANES}
    for row in conn.execute(load("event_hours")["latest"], {"days": DAYS}):
        found[row.pop("lane")].append(Sum(**row))
    return found


def last_hours(hours: Sequence[Sum], now: datetime) -> list[Sum]:
    """The last 24 that are over; one that was not summed yet is empty."""
    known = {one.begins_at: one for one in hours}
    ends = now.replace(minute=0, second=0, microsecond=0)
    begins = (ends - timedelta(hours=ago) for ago in range(HOURS, 0, -1))
    return [known.get(at) or Sum(begins_at=at) for at in begins]


def last_days(hours: Sequence[Sum], now: datetime) -> list[Sum]:
    """The last seven, today among them as far as it is summed."""
    known = {at: _together(at, list(some)) for at, some in groupby(hours, lambda one: _day(one.begins_at))}
    begins = (_day(now) - timedelta(days=ago) for ago in reversed(range(DAYS)))
    return [known.get(at) or Sum(begins_at=at) for at in begins]


def _together(begins_at: datetime, some: Sequence[Sum]) -> Sum:
    return Sum(
        begins_at=begins_at,
        received=sum(one.received for one in some),
        processed=sum(one.processed for one in some),
        ignored=sum(one.ignored for one in some),
        dead=sum(one.dead for one in some),
        unfinished=sum(one.unfinished for one in some),
        late=sum(one.late for one in some),
        p99_ms=max((one.p99_ms for one in some if one.p99_ms is not None), default=None),
        longest_ms=max((one.longest_ms for one in some if one.longest_ms is not None), default=None),
    )


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
