"""The audit trail's chain in PostgreSQL: links what is committed, and reads it again beside its records."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.db import Connection
from shared.queries import load
from shared.rules import trail
from shared.rules.trail import Linked, Record

KEPT_DAYS = 7 * 366
_PAGE = 2000
_MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Head:
    """Where the chain stands."""

    position: int = 0
    link: bytes = trail.BEGINNING


def head(conn: Connection) -> Head:
    row = conn.execute(load("trail")["head"]).fetchone()
    return Head() if row is None else Head(row["position"], row["link"])


def link_at(conn: Connection, position: int) -> Head | None:
    """The chain's head as it was at this position; None where it never came so far."""
    if position == 0:
        return Head()
    row = conn.execute(load("trail")["link_at"], {"position": position}).fetchone()
    return None if row is None else Head(row["position"], row["link"])


def seal(conn: Connection, *, most: int) -> int:
    """Link up to `most` records in the caller's transaction; how many; nought where another sealer is at it."""
    sql = load("trail")
    locked = conn.execute(sql["lock_chain"]).fetchone()
    if locked is None or not locked["mine"]:
        return 0
    rows = conn.execute(sql["unsealed"], {"most": most}).fetchall()
    if rows:
        conn.execute(sql["add_links"], _links(head(conn), rows))
    return len(rows)


def _links(last: Head, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {"positions": [], "audit_ids": [], "ats": [], "digests": [], "links": []}
    position, link = last.position, last.link
    for row in rows:
        digest = trail.digest(_record(row))
        position, link = position + 1, trail.link(link, position + 1, _iso(row["at"]), digest)
        values = (position, row["id"], row["at"], digest, link)
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns


def freeze(conn: Connection) -> None:
    """Let all that this transaction reads be of one moment, whatever is linked meanwhile. Its first statement."""
    conn.execute(load("trail")["one_snapshot"])
    conn.execute(load("trail")["patient"])


def kept_since(now: datetime) -> str:
    """What is older than this may be gone: its years are over."""
    return _iso(now - timedelta(days=KEPT_DAYS))


def chain(conn: Connection, after: int = 0) -> Iterator[Linked]:
    """All of it behind this position, a page at a time."""
    sql = load("trail")["page"]
    while rows := conn.execute(sql, {"after": after, "most": _PAGE}).fetchall():
        yield from map(_linked, rows)
        after = rows[-1]["position"]


def named(conn: Connection, query: str) -> list[int]:
    """Ids of records that are `unlinked` or `vanished`, the first of them."""
    return [row["id"] for row in conn.execute(load("trail")[query], {"most": _MOST_NAMED})]


def waiting(conn: Connection) -> int:
    """How many records wait for their link: a second's worth while the relay runs."""
    row = conn.execute(load("trail")["waiting"]).fetchone()
    return 0 if row is None else int(row["waiting"])


def _linked(row: Mapping[str, Any]) -> Linked:
    return Linked(
        position=row["position"],
        audit_id=row["audit_id"],
        at=_iso(row["linked_at"]),
        digest=row["digest"],
        link=row["link"],
        record=None if row["id"] is None else _record(row),
    )


def _record(row: Mapping[str, Any]) -> Record:
    told = {name: row[name] for name in ("id", "actor", "act", "object", "reason", "before", "after")}
    return Record(at=_iso(row["at"]), **told)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
