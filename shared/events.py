"""Kept events as staff see them: lists by filter, and those that go by an id."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

from shared.db import Connection
from shared.moments import iso
from shared.queries import load

FINAL_STATES = frozenset({"processed", "ignored", "dead"})
PLATFORM = "none"  # how a filter names the events that carry no account
_ROW = re.compile(r"#(\d{1,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which events; what is not set matches all. A type may end in `*`; `since` and `until` are about receipt."""

    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    lane: str | None = None
    account: str | None = None
    person: str | None = None
    customer: bytes | None = None  # the keyed hash of a Stripe customer's id
    object_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def matches_everything(self) -> bool:
        return self == Filter()


@dataclass(frozen=True, slots=True)
class Reason:
    reason_class: str | None
    code: str | None
    path: str | None
    message: str | None

    def to_json(self) -> dict[str, object]:
        return {"class": self.reason_class, "code": self.code, "path": self.path, "message": self.message}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One kept event without its body; `attempts` counts those of the series in hand."""

    id: int
    event_id: str
    account: str | None
    livemode: bool | None
    type: str | None
    object_kind: str | None
    object_id: str | None
    occurred_at: datetime | None
    received_at: datetime
    source: str
    secret_name: str | None
    signed_at: datetime | None
    lane: str
    lane_reason: str
    urgency: int
    state: str
    series: int
    attempts: int
    next_attempt_at: datetime
    waits_for: tuple[str, ...]
    settled_at: datetime | None
    discarded_at: datetime | None
    reason: Reason | None

    def to_json(self) -> dict[str, object]:
        return {
            "eventId": self.event_id,
            "account": self.account,
            "livemode": self.livemode,
            "type": self.type,
            "lane": self.lane,
            "state": self.state,
            "reason": self.reason and self.reason.to_json(),
            "receivedAt": iso(self.received_at),
            "settledAt": iso(self.settled_at),
            "rowId": self.id,
            "laneReason": self.lane_reason,
            "urgency": self.urgency,
            "waitsFor": list(self.waits_for),
            "discardedAt": iso(self.discarded_at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an event stands: no more than an act on many of them needs."""

    id: int
    event_id: str
    state: str
    series: int
    discarded: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """So many of one type ended so: one line of the counts."""

    type: str | None
    state: str
    count: int = 1

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(event.type, event.state)

    def to_json(self) -> dict[str, object]:
        return {"type": self.type, "state": self.state, "count": self.count}


class _Named(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def event_id(self) -> str: ...


N = TypeVar("N", bound=_Named)


def listing(conn: Connection, wanted: Filter, *, after: int | None, most: int) -> list[Event]:
    """At most so many, newest first, beginning below the row `after`."""
    parameters = asdict(wanted) | {
        "states": list(wanted.states) or None,
        "types": like_patterns(wanted.types),
        "after": after,
        "most": most,
    }
    return [from_row(row) for row in conn.execute(load("events")["list_events"], parameters)]


def find(
    conn: Connection, references: Sequence[str], *, account: str | None = None, livemode: bool | None = None
) -> dict[str, tuple[Event, ...]]:
    """For each reference (`evt_…`, or `#` and a row) every event that goes by it."""
    parameters = _named(references) | {"account": account, "livemode": livemode}
    return _by_reference(references, map(from_row, conn.execute(load("events")["find_events"], parameters)))


def standing(
    conn: Connection, references: Sequence[str], *, account: str | None = None, livemode: bool | None = None
) -> dict[str, tuple[Standing, ...]]:
    """As `find`, for many at once."""
    parameters = _named(references) | {"account": account, "livemode": livemode}
    rows = conn.execute(load("events")["find_standing"], parameters)
    return _by_reference(references, (Standing(**row) for row in rows))


def _named(references: Sequence[str]) -> dict[str, object]:
    rows = {reference: int(named[1]) for reference in references if (named := _ROW.fullmatch(reference))}
    return {"event_ids": [one for one in references if one not in rows], "rows": list(rows.values())}


def _by_reference(references: Sequence[str], found: Iterable[N]) -> dict[str, tuple[N, ...]]:
    by_name: dict[str | int, list[N]] = {}
    for one in found:
        by_name.setdefault(one.event_id, []).append(one)
        by_name.setdefault(one.id, []).append(one)
    return {
        reference: tuple(by_name.get(int(row[1]) if (row := _ROW.fullmatch(reference)) else reference, ()))
        for reference in references
    }


def from_row(row: Mapping[str, Any]) -> Event:
    values = dict(row) | {"waits_for": tuple(row["waits_for"])}
    reason = Reason(*(values.pop(f"reason_{part}") for part in ("class", "code", "path", "message")))
    return Event(**values, reason=reason if reason.code or reason.reason_class else None)


def like_patterns(types: Sequence[str]) -> list[str] | None:
    """`invoice.*` as LIKE understands it; what LIKE would read as a sign of its own is taken literally."""
    escaped = [name.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") for name in types]
    return [name[:-1] + "%" if name.endswith("*") else name for name in escaped] or None
