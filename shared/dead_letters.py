"""Dead letters: events that could not be processed and wait for a person, and how a person sends them on again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from shared import audit
from shared.db import Connection
from shared.events import Event, from_row, like_patterns
from shared.moments import iso
from shared.queries import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which dead letters; what is not set matches all. `since` and `until` are about their death."""

    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    account: str | None = None
    lane: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None
    discarded: bool = False  # also those that a person has put aside

    def matches_everything(self) -> bool:
        return replace(self, discarded=False) == Filter()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why so many died: one line of the counts."""

    reason_class: str | None
    code: str | None
    type: str | None
    count: int

    def to_json(self) -> dict[str, object]:
        return {"class": self.reason_class, "code": self.code, "type": self.type, "count": self.count}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a filter matches now; `settled` is the same filter less all that dies from now on."""

    matched: int
    causes: tuple[Cause, ...]
    settled: Filter


@dataclass(frozen=True, slots=True)
class Target:
    """A row to requeue and the name that a person gave it."""

    id: str
    row_id: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them; `state` says what it is where it is not dead."""

    id: str
    outcome: Literal["requeued", "not_found", "not_dead", "ambiguous"]
    state: str | None = None
    candidates: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        found: dict[str, object] = {"id": self.id, "outcome": self.outcome}
        if self.state:
            found["state"] = self.state
        if self.candidates:
            found["candidates"] = list(self.candidates)
        return found


def plan(candidates: Mapping[str, Sequence[Event]]) -> tuple[list[Target], list[Outcome]]:
    """Of what a person named: what can be requeued, and what cannot and why."""
    targets, refused = [], []
    for name, events in candidates.items():
        match events:
            case []:
                refused.append(Outcome(name, "not_found"))
            case [event] if event.state == "dead":
                targets.append(Target(name, event.id))
            case [event]:
                refused.append(Outcome(name, "not_dead", event.state))
            case _:
                refused.append(Outcome(name, "ambiguous", candidates=tuple(f"#{event.id}" for event in events)))
    return targets, refused


def listing(conn: Connection, wanted: Filter, *, after: int | None, most: int) -> list[Event]:
    """At most so many, newest first, beginning below the row `after`."""
    parameters = _parameters(wanted) | {"after": after, "most": most}
    return [from_row(row) for row in conn.execute(load("dead_letters")["list_dead"], parameters)]


def preview(conn: Connection, wanted: Filter) -> Preview:
    rows = list(conn.execute(load("dead_letters")["count_causes"], _parameters(wanted)))
    causes = tuple(Cause(row["reason_class"], row["reason_code"], row["type"], row["events"]) for row in rows)
    # What dies while the work goes on, or dies again, is neither counted nor taken.
    ends = [moment for moment in (wanted.until, *(row["counted_at"] for row in rows)) if moment is not None]
    return Preview(sum(cause.count for cause in causes), causes, replace(wanted, until=min(ends, default=None)))


def requeue(conn: Connection, targets: Sequence[Target], *, actor: str, reason: str) -> list[Outcome]:
    """Send these on again in the caller's transaction, each with its record in the audit trail."""
    sql = load("dead_letters")
    locked = list(conn.execute(sql["lock_dead"], {"rows": [target.row_id for target in targets]}))
    rows = [row["id"] for row in locked]
    series = {row["id"]: row["series"] for row in conn.execute(sql["requeue"], {"rows": rows})}
    for row in locked:
        _record(conn, row, actor=actor, reason=reason, series=series[row["id"]])
    missed = [target.row_id for target in targets if target.row_id not in series]
    states = {row["id"]: row["state"] for row in conn.execute(sql["states_now"], {"rows": missed})}
    return [
        Outcome(target.id, "requeued")
        if target.row_id in series
        else Outcome(target.id, "not_dead", states.get(target.row_id))
        for target in targets
    ]


def _record(conn: Connection, row: Mapping[str, Any], *, actor: str, reason: str, series: int) -> None:
    cause = {"class": row["reason_class"], "code": row["reason_code"], "path": row["reason_path"]}
    before: dict[str, object] = {"state": "dead", "reason": cause}
    if row["discarded_at"] is not None:
        before["discardedAt"] = iso(row["discarded_at"])
    audit.record(
        conn,
        actor=actor,
        act="dead_letter.requeue",
        object=f"event:{row['event_id']}#{row['id']}",
        reason=reason,
        before=before,
        after={"state": "retrying", "series": series},
    )


def _parameters(wanted: Filter) -> dict[str, Any]:
    lists = {"classes": list(wanted.classes) or None, "codes": list(wanted.codes) or None}
    return asdict(wanted) | lists | {"types": like_patterns(wanted.types)}
