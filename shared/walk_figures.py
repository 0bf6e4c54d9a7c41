"""How the walk went in the last half hour, for who watches it: by the minute, and how fast crisis events were."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import heartbeats, status
from shared.db import Connection
from shared.heartbeats import Heartbeat
from shared.queries import load
from shared.rules.lanes import CRISIS_SECONDS, LANES
from shared.status import Status

MINUTES = 30
_MOST_READ = 20_000
_MOST_LATENCIES = 60
_MOST_CAUSES = 6
PROMISED_MS = CRISIS_SECONDS * 1000


@dataclass(frozen=True, slots=True)
class Minute:
    """What was received in a minute, and what has become of that by now."""

    begins_at: datetime
    received: int = 0
    ended: int = 0
    died: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """How many events failed of this the last time and are tried again."""

    reason_class: str | None
    code: str
    events: int


@dataclass(frozen=True, slots=True)
class Latencies:
    """Of crisis events that have ended, the oldest first."""

    milliseconds: Sequence[float]

    @property
    def late(self) -> int:
        return sum(one > PROMISED_MS for one in self.milliseconds)

    def quantile(self, share: float) -> float | None:
        """The smallest that so large a share of them does not pass; None without any."""
        ordered = sorted(self.milliseconds)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    read_at: datetime
    status: Status
    minutes: Mapping[str, Sequence[Minute]]  # by lane, each of them as long
    latencies: Latencies
    failures: Sequence[Failure]
    crises: int
    emergencies: int
    dead: int
    heartbeats: Mapping[str, Heartbeat]

    def per_minute(self, lane: str) -> float:
        """Received, over the last five whole minutes."""
        whole = self.minutes[lane][-6:-1]
        return sum(minute.received for minute in whole) / len(whole)


def read(conn: Connection) -> Figures:
    sql = load("walk_figures")
    bounds = {"minutes": MINUTES, "most": _MOST_READ, "shown": _MOST_LATENCIES, "causes": _MOST_CAUSES}
    dangers = conn.execute(sql["dangers"]).fetchone()
    dead = conn.execute(sql["undiscarded"]).fetchone()
    assert dangers is not None  # noqa: S101 - for mypy: a count always has a row
    assert dead is not None  # noqa: S101 - as above
    found = {(row.pop("lane"), row.pop("minute")): row for row in conn.execute(sql["recent"], bounds).fetchall()}
    latencies = [row["milliseconds"] for row in conn.execute(sql["crisis_latencies"], bounds)]
    ends = dangers["read_at"].replace(second=0, microsecond=0)
    begins = [ends - timedelta(minutes=ago) for ago in reversed(range(MINUTES))]
    return Figures(
        status=status.read(conn),
        minutes={lane: [Minute(at, **found.get((lane, at), {})) for at in begins] for lane in LANES},
        latencies=Latencies(latencies[::-1]),
        failures=[Failure(**row) for row in conn.execute(sql["failures"], bounds)],
        dead=dead["events"],
        heartbeats=heartbeats.latest(conn),
        **dangers,
    )
