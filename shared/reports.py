"""What happened in one day (UTC), in figures: for whoever reads it in the morning. No id of anybody is in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from shared import figures, guards, notices, owed
from shared.db import Connection
from shared.figures import report_cause
from shared.moments import iso
from shared.queries import load
from shared.rules.lanes import CRISIS_SECONDS

DAILY = "report:daily"


@dataclass(frozen=True, slots=True)
class Day:
    """From `since`, and before `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class CrisisLane:
    """Milliseconds from receipt to end."""

    events: int
    in_time: int
    median: float
    p95: float
    longest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`payouts`, `grace` and what follows stand as they are now, the rest is of the day."""

    day: Day
    received: int
    fetched: int  # of those received: Stripe could not deliver them
    repeated: int
    states: Mapping[str, int]
    crisis_lane: CrisisLane
    dead: Mapping[str, int]
    crises: Mapping[str, int]
    emergencies: Mapping[str, int]
    callbacks: Mapping[str, int]
    unseen_versions: int
    payouts: Mapping[str, int] = field(default_factory=dict)
    payouts_stale: int = 0
    grace: Mapping[str, int] = field(default_factory=dict)
    guards: int = 0
    notices_untold: int = 0
    dead_in_all: int = 0
    database_bytes: int = 0

    def to_json(self) -> dict[str, Any]:
        """The document of `carelane report --json` and of the notice."""
        found = {_camel(name): value for name, value in asdict(self).items() if name != "day"}
        found["crisisLane"] = {_camel(name): round(value, 1) for name, value in asdict(self.crisis_lane).items()}
        return {"since": iso(self.day.since), "until": iso(self.day.until), **found}


def day_of(moment: datetime) -> Day:
    since = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Day(since, since + timedelta(days=1))


def last_day(now: datetime) -> Day:
    """The last that is over."""
    return day_of(now - timedelta(days=1))


def read(conn: Connection, day: Day, *, stale_hours: int) -> Report:
    sql, when = load("reports"), {"since": day.since, "until": day.until}
    events = conn.execute(sql["events"], when).fetchall()
    payouts = conn.execute(sql["payouts"], {"stale_hours": stale_hours}).fetchall()
    now = figures.read(conn)
    return Report(
        day=day,
        received=sum(row["events"] for row in events),
        fetched=sum(row["events"] for row in events if row["source"] != "webhook"),
        repeated=_one(conn, "repeated", when)["deliveries"],
        states=_states(events),
        crisis_lane=CrisisLane(**_one(conn, "crisis_lane", when | {"most": CRISIS_SECONDS * 1000})),
        dead={f"{row['reason_class']}/{row['reason_code']}": row["events"] for row in conn.execute(sql["dead"], when)},
        crises=_one(conn, "crises", when),
        emergencies={row["reason"]: row["accesses"] for row in conn.execute(sql["emergencies"], when)},
        callbacks={row["outcome"]: row["callbacks"] for row in conn.execute(sql["callbacks"], when)},
        unseen_versions=_one(conn, "versions", when)["versions"],
        payouts={row["status"] or "unknown": row["payouts"] for row in payouts},
        payouts_stale=sum(row["stale"] for row in payouts),
        grace=now.grace,
        guards=len(guards.standing(conn)),
        notices_untold=owed.read(conn).untold,
        dead_in_all=sum(now.dead.values()),
        database_bytes=now.server.bytes if now.server else 0,
    )


def owe(conn: Connection, day: Day, *, stale_hours: int) -> bool:
    """Tell staff of this day, once however often it is asked; whether it was not told yet."""
    cause = report_cause(day.since)
    if conn.execute(load("reports")["is_owed"], {"cause": cause, "kind": DAILY}).fetchone():
        return False  # so that the figures are not counted for nothing; the key of notices settles the race
    data = read(conn, day, stale_hours=stale_hours).to_json()
    return notices.owe(conn, cause=cause, kind=DAILY, recipient=notices.STAFF, data=data)


def _one(conn: Connection, query: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(conn.execute(load("reports")[query], parameters).fetchone() or {})


def _states(rows: list[dict[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row["state"]] = found.get(row["state"], 0) + row["events"]
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
