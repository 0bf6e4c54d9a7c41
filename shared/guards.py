"""Guards against a flood of dead letters: while one stands, events of its type are parked instead of dying.

A wrong release or a new shape of payload would otherwise turn every event of a type into a dead letter within minutes.
What can be processed goes on, of that type too; only what would die waits until the guard ends or staff lift it.
"""

from dataclasses import dataclass
from datetime import datetime

from shared import audit, notices
from shared.db import Connection
from shared.moments import iso
from shared.parking import wake
from shared.queries import load
from shared.rules.guard import FloodRule


@dataclass(frozen=True, slots=True)
class Guard:
    """`deaths` of `ended` is what opened it; `parked` is how many wait behind it."""

    type: str
    opened_at: datetime
    ends_at: datetime
    deaths: int
    ended: int
    parked: int

    def to_json(self) -> dict[str, object]:
        times = {"openedAt": iso(self.opened_at), "endsAt": iso(self.ends_at)}
        return {"type": self.type or None, **times, "deaths": self.deaths, "ended": self.ended, "parked": self.parked}


@dataclass(frozen=True, slots=True)
class Standing:
    """A guard as a worker meets it: how long it stands yet, and whether this very event opened it."""

    waits_for: str
    seconds_left: float
    is_new: bool


def name(event_type: str | None) -> str:
    """What events parked behind the guard of this type wait for."""
    return f"guard:{event_type or ''}"


def before_death(conn: Connection, event_type: str | None, rule: FloodRule) -> Standing | None:
    """The guard that keeps an event of this type from dying now, opened if this death would make a flood; else None."""
    sql, parameters = load("guards"), {"type": event_type or "", "minutes": rule.minutes}
    standing = conn.execute(sql["standing"], parameters).fetchone()
    if standing is not None:
        return Standing(name(event_type), standing["seconds_left"], is_new=False)
    deaths = _count(conn, "deaths", parameters | {"most": 10_000}) + 1
    if not rule.may_be_flood(deaths):
        return None
    ended = deaths + _count(conn, "survivals", parameters | {"latest": 5_000})
    if not rule.is_flood(deaths=deaths, ended=ended):
        return None
    return _open(conn, event_type, parameters | {"deaths": deaths, "ended": ended})


def _open(conn: Connection, event_type: str | None, parameters: dict[str, object]) -> Standing:
    sql = load("guards")
    opened = conn.execute(sql["open"], parameters).fetchone()
    if opened is None:  # another worker was quicker
        return Standing(name(event_type), conn.execute(sql["standing"], parameters).fetchone()["seconds_left"], False)  # type: ignore[index]
    told = {"deaths": parameters["deaths"], "ended": parameters["ended"], "endsAt": iso(opened["ends_at"])}
    audit.record(conn, actor="worker", act="guard.opened", object=name(event_type), after=told)
    cause = f"{name(event_type)}@{iso(opened['opened_at'])}"
    notices.owe(conn, cause=cause, kind="dead_letter:flood", recipient=notices.STAFF, data={"type": event_type, **told})
    return Standing(name(event_type), opened["seconds_left"], is_new=True)


def _count(conn: Connection, query: str, parameters: dict[str, object]) -> int:
    row = conn.execute(load("guards")[query], parameters).fetchone()
    return 0 if row is None else int(row["events"])


def standing(conn: Connection) -> list[Guard]:
    return [Guard(**row) for row in conn.execute(load("guards")["all_standing"])]


def lift(conn: Connection, event_type: str | None, *, actor: str, reason: str) -> bool:
    """End it before its time; whether one stood. The caller commits, then calls `release` until nothing is left."""
    lifted = conn.execute(load("guards")["lift"], {"type": event_type or ""}).fetchone()
    if lifted is not None:
        audit.record(conn, actor=actor, act="guard.lifted", object=name(event_type), reason=reason)
    return lifted is not None


def release(conn: Connection, event_type: str | None) -> int:
    """Let some of those that are parked behind it be tried again; how many."""
    return wake(conn, name(event_type))
