"""A person as staff see them: whoever is in danger, and one person's history on one line of time."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import audit
from shared.crises import Crisis
from shared.db import Connection
from shared.queries import load
from shared.rules.access import SEVERITIES

MOST = 200
VIEWED = "person.viewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCrisis:
    id: uuid.UUID
    user_id: str
    source: str
    severity: str
    opened_at: datetime
    opened_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    user_id: str
    reason: str
    level: str
    opened_by: str
    opened_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to a person, and whose doing it was where somebody did it."""

    at: datetime
    what: str
    who: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Life:
    crises: Sequence[Crisis]
    timeline: Sequence[Moment]


def in_danger(conn: Connection) -> list[OpenCrisis]:
    wanted = {"severities": list(SEVERITIES), "most": MOST}
    return [OpenCrisis(**row) for row in conn.execute(load("people_views")["open_crises"], wanted)]


def in_emergency(conn: Connection) -> list[Emergency]:
    return [Emergency(**row) for row in conn.execute(load("people_views")["open_emergencies"], {"most": MOST})]


def person_of(conn: Connection, customer: bytes) -> str | None:
    row = conn.execute(load("people_views")["person_of_customer"], {"hash": customer}).fetchone()
    return None if row is None else str(row["user_id"])


def note_look(conn: Connection, user_id: str, *, actor: str) -> None:
    """Who looks at a person's record is on record; the caller commits before it shows anything."""
    audit.record(conn, actor=actor, act=VIEWED, object=f"person:{user_id}")


def life(conn: Connection, user_id: str) -> Life:
    """The newest first."""
    sql, wanted = load("people_views"), {"user_id": user_id, "most": MOST}
    crises = [Crisis(**row) for row in conn.execute(sql["crises_of"], wanted)]
    emergencies = [Emergency(**row) for row in conn.execute(sql["emergencies_of"], wanted)]
    moments = [*_of_crises(crises), *_of_emergencies(emergencies), *_moves(conn, user_id), *_acts(conn, user_id)]
    return Life(crises, sorted(moments, key=lambda one: one.at, reverse=True)[:MOST])


def _of_crises(crises: Sequence[Crisis]) -> Iterator[Moment]:
    for one in crises:
        yield Moment(one.opened_at, f"A crisis was opened, {one.severity}, reported by {one.source}", one.opened_by)
        if one.resolved_at is not None:
            yield Moment(one.resolved_at, "The crisis was resolved", one.resolved_by)


def _of_emergencies(emergencies: Sequence[Emergency]) -> Iterator[Moment]:
    for one in emergencies:
        what = f"Emergency access was opened at level {one.level} because of {one.reason.replace('_', ' ')}"
        yield Moment(one.opened_at, what, one.opened_by)


def _moves(conn: Connection, user_id: str) -> Iterator[Moment]:
    for row in conn.execute(load("people_views")["moves_of"], {"user_id": user_id, "most": MOST}):
        kind = row["kind"].replace("_", " ")
        yield Moment(
            row["occurred_at"], f"{kind} {row['subject_id']}: {row['from_status'] or 'new'} → {row['to_status']}"
        )


# Told by the crises and the emergency access themselves already, or of no meaning to who helps the person.
_LEFT_OUT = frozenset({VIEWED, "emergency_access.opened"})


def _acts(conn: Connection, user_id: str) -> Iterator[Moment]:
    wanted = {"object": f"person:{user_id}", "most": MOST}
    for row in conn.execute(load("people_views")["acts_about"], wanted):
        if row["act"] not in _LEFT_OUT:
            yield Moment(row["at"], row["act"].replace("_", " ").replace(".", ": "), row["actor"], row["reason"])
