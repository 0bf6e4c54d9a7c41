"""The audit trail as it is read in the console: newest first, by filter, back a bounded way at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.events import like_patterns
from shared.queries import load

LOOK_BACK = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is None, or empty, matches all; an act may end in `*`."""

    acts: tuple[str, ...] = ()
    actor: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int | None = None
    most: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: int
    at: datetime
    actor: str
    act: str
    object: str
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Page:
    """`after`: where to go on; `is_cut`: the search stopped before the page was full."""

    entries: Sequence[Entry]
    after: int | None
    is_cut: bool = False


def page(conn: Connection, wanted: Wanted) -> Page:
    sql, top = load("audit_views"), wanted.after
    if top is None:
        newest = conn.execute(sql["newest"]).fetchone()
        top = 1 + ((newest and newest["id"]) or 0)
    bottom = None if wanted.object is not None else top - LOOK_BACK
    parameters = {
        "below": top,
        "from_row": bottom,
        "acts": like_patterns(wanted.acts),
        "actor": wanted.actor,
        "object": wanted.object,
        "since": wanted.since,
        "until": wanted.until,
        "most": wanted.most + 1,
    }
    found = [Entry(**row) for row in conn.execute(sql["page"], parameters)]
    if len(found) > wanted.most:
        return Page(found[: wanted.most], found[wanted.most - 1].id)
    is_cut = bottom is not None and bottom > 1
    return Page(found, bottom if is_cut else None, is_cut)
