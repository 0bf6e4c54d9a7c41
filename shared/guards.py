"""Guards against a flood of dead letters: while one stands, events of its type are parked instead of dying.

A wrong release or a new shape of payload would otherwise turn every event of a type into a dead letter within minutes.
What can be processed goes on, of that type too; only what would die waits until the guard ends or staff lift it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from shared import audit, notices, parking
from shared.bulk_acts import Mandate
from shared.db import Connection
from shared.moments import iso
from shared.queries import load
from shared.rules.guard import FloodRule

_LATEST = 5_000


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
    # Whoever lifts the guard and wakes what is parked waits for us, or we see that it is lifted.
    parking.look_for(conn, name(event_type))
    found = conn.execute(sql["standing"], parameters).fetchone()
    if found is not None and found["stands"]:
        return Standing(name(event_type), found["seconds_left"], is_new=False)
    if found is not None and found["lets_die"]:
        return None
    flood = _flood(conn, parameters, rule)
    return None if flood is None else _open(conn, event_type, parameters | flood)


def _flood(conn: Connection, parameters: dict[str, object], rule: FloodRule) -> dict[str, object] | None:
    """The figures of a flood of which the death at hand is the last, or None when it is none.

    The share is taken in the time of the last deaths: an hour of good events must not hide a minute of bad ones.
    """
    died = conn.execute(load("guards")["deaths"], parameters | {"most": rule.deaths - 1}).fetchone()
    deaths = 1 + (0 if died is None else int(died["deaths"]))
    if not rule.may_be_flood(deaths):
        return None
    since = died["since"] if died is not None and died["since"] is not None else datetime.now(UTC)
    lived = conn.execute(load("guards")["survivals"], parameters | {"since": since, "latest": _LATEST}).fetchone()
    ended = deaths + (0 if lived is None else int(lived["events"]))
    return {"deaths": deaths, "ended": ended} if rule.is_flood(deaths=deaths, ended=ended) else None


def _open(conn: Connection, event_type: str | None, parameters: dict[str, object]) -> Standing | None:
    sql = load("guards")
    opened = conn.execute(sql["open"], parameters).fetchone()
    if opened is None:  # another worker was quicker, or staff have just decided otherwise
        found = conn.execute(sql["standing"], parameters).fetchone()
        return Standing(name(event_type), found["seconds_left"], is_new=False) if found and found["stands"] else None
    told = {"deaths": parameters["deaths"], "ended": parameters["ended"], "endsAt": iso(opened["ends_at"])}
    audit.record(conn, actor="worker", act="guard.opened", object=name(event_type), after=told)
    cause = f"{name(event_type)}@{iso(opened['opened_at'])}"
    notices.owe(conn, cause=cause, kind="dead_letter:flood", recipient=notices.STAFF, data={"type": event_type, **told})
    return Standing(name(event_type), opened["seconds_left"], is_new=True)


def standing(conn: Connection) -> list[Guard]:
    return [Guard(**row) for row in conn.execute(load("guards")["all_standing"])]


def lift(conn: Connection, event_type: str | None, mandate: Mandate, *, let_die_minutes: int | None = None) -> bool:
    """End it before its time; whether one stood. The caller commits, then calls `release` until nothing is left.

    For `let_die_minutes` no other opens: what cannot be processed ends as a dead letter.
    """
    parameters = {"type": event_type or "", "let_die": let_die_minutes is not None, "minutes": let_die_minutes or 0}
    lifted = conn.execute(load("guards")["lift"], parameters).fetchone()
    if lifted is not None:
        after = None if let_die_minutes is None else {"letsDieMinutes": let_die_minutes}
        what = name(event_type)
        audit.record(conn, actor=mandate.actor, act="guard.lifted", object=what, reason=mandate.reason, after=after)
    return lifted is not None


def release(conn: Connection, event_type: str | None) -> int:
    """Let some of those that are parked behind it be tried again; how many."""
    return parking.wake(conn, name(event_type))
