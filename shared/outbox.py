"""The order in which notices are told: each gets the next position after its commit, and readers go on from positions.

One that has a position counts as told: it is neither amended nor taken back any more. Rows stay, for they are what
makes a replay tell nothing twice; what ends after the retention is reading them again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.queries import load

MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Mark:
    """That something was told, and to whom; what it says is read."""

    position: int
    recipient: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice as it is read; `id` is the same for ever, `position` its place in the one order of all."""

    id: int
    position: int
    kind: str
    recipient: str
    data: Mapping[str, Any]
    told_at: datetime


def is_owed(conn: Connection) -> bool:
    """Whether something waits for its position."""
    row = conn.execute(load("outbox")["is_owed"]).fetchone()
    return row is not None and bool(row["is_owed"])


def assign_positions(conn: Connection, *, most: int = MOST_AT_ONCE) -> list[Mark]:
    """Give what was committed so far its positions, at most so many; the caller commits, then says so."""
    sql = load("outbox")
    newest = _number(conn, sql["lock"])
    marks = [Mark(**row) for row in conn.execute(sql["assign"], {"newest": newest, "most": most})]
    if marks:
        conn.execute(sql["advance"], {"first": marks[0].position, "newest": marks[-1].position})
    return marks


def newest(conn: Connection) -> int:
    """The last position that was given; 0 before the first."""
    return _number(conn, load("outbox")["newest"])


def read(conn: Connection, recipients: Sequence[str], *, after: int, most: int) -> list[Told]:
    """What these were told after this position, in order; each kind of its data is the notice's own."""
    parameters = {"recipients": sorted(set(recipients)), "after": after, "most": most}
    return [Told(**row) for row in conn.execute(load("outbox")["read"], parameters)]


def read_all(conn: Connection, *, after: int, most: int) -> list[Told]:
    """As above, whoever was told."""
    return [Told(**row) for row in conn.execute(load("outbox")["read_all"], {"after": after, "most": most})]


def oldest_kept(conn: Connection, *, days: int) -> int:
    """The first position that a reader may still go on to: after one below `oldest_kept - 1` something is missing."""
    return _number(conn, load("outbox")["oldest_kept"], {"days": days})


def _number(conn: Connection, query: str, parameters: Mapping[str, Any] | None = None) -> int:
    row = conn.execute(query, parameters).fetchone()
    if row is None:  # pragma: no cover - the counter's row is made with its table
        raise LookupError("the counter of positions is gone")
    (number,) = row.values()
    return int(number)
