"""Dead letters: events that could not be processed and wait for a person, by filter and by what they died of."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

from shared.db import Connection
from shared.events import Event, Reason, from_row, like_patterns
from shared.queries import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which dead letters; what is not set matches all. `since` and `until` are about their death."""

    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    account: str | None = None
    lane: str | None = None
    person: str | None = None
    customer: bytes | None = None  # the keyed hash of a Stripe customer's id
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
    count: int = 1

    @classmethod
    def of(cls, event: Event) -> Self:
        reason = event.reason or Reason(None, None, None, None)
        return cls(reason.reason_class, reason.code, event.type)

    def to_json(self) -> dict[str, object]:
        return {"class": self.reason_class, "code": self.code, "type": self.type, "count": self.count}


def listing(conn: Connection, wanted: Filter, *, after: int | None, most: int) -> list[Event]:
    """At most so many, newest first, beginning below the row `after`."""
    parameters = _parameters(wanted) | {"after": after, "most": most}
    return [from_row(row) for row in conn.execute(load("dead_letters")["list_dead"], parameters)]


def read_at(conn: Connection) -> datetime:
    """By the clock that says when a letter died."""
    (row,) = conn.execute(load("dead_letters")["read_at"])
    found: datetime = row["read_at"]
    return found


def causes(conn: Connection, wanted: Filter) -> list[Cause]:
    """What those died of that the filter matches, the commonest first."""
    rows = conn.execute(load("dead_letters")["count_causes"], _parameters(wanted))
    return [Cause(row["reason_class"], row["reason_code"], row["type"], row["events"]) for row in rows]


def _parameters(wanted: Filter) -> dict[str, Any]:
    lists = {"classes": list(wanted.classes) or None, "codes": list(wanted.codes) or None}
    return asdict(wanted) | lists | {"types": like_patterns(wanted.types)}
