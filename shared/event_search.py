"""Looking for events among however many are kept: by a key where there is one, else back a bounded way at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.db import Connection
from shared.events import Event, Filter, from_row, like_patterns
from shared.queries import load

LOOK_BACK = 50_000  # rows that one search reads at most where no key leads to them
_OUT_OF_ORDER = 1_000  # rows whose order may differ from that of their receipt
# Each of these is a small part of the table with an index of its own.
_FEW = frozenset({"received", "retrying", "processing", "dead"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    filter: Filter
    event_id: str | None = None
    after: int | None = None
    most: int = 50

    @property
    def is_keyed(self) -> bool:
        wanted = self.filter
        by_key = wanted.object_id or wanted.person or wanted.customer or self.event_id
        return bool(by_key) or (bool(wanted.states) and set(wanted.states) <= _FEW)


@dataclass(frozen=True, slots=True)
class Found:
    """`after`: where to go on, None at the end. `looked_back_to`: where the search stopped before it was full."""

    events: Sequence[Event]
    after: int | None
    looked_back_to: datetime | None = None


def search(conn: Connection, wanted: Wanted) -> Found:
    top, bottom = _bounds(conn, wanted)
    found = _read(conn, wanted, top, bottom)
    if len(found) > wanted.most:
        return Found(found[: wanted.most], found[wanted.most - 1].id)
    reached = None if bottom is None else _received_from(conn, bottom)
    further = reached is not None and bottom is not None and _is_further(conn, wanted, bottom)
    return Found(found, bottom if further else None, reached if further else None)


def _bounds(conn: Connection, wanted: Wanted) -> tuple[int | None, int | None]:
    """Rows below the first and from the second on; what is found by key needs no bound."""
    if wanted.is_keyed:
        return wanted.after, None
    sql, until = load("event_search"), wanted.filter.until
    newest = conn.execute(sql["newest"]).fetchone()
    tops = [wanted.after, None if newest is None or newest["id"] is None else newest["id"] + 1]
    if until is not None:
        row = conn.execute(sql["first_since"], {"moment": until}).fetchone()
        tops.append(None if row is None else row["id"] + _OUT_OF_ORDER)
    top = min((one for one in tops if one is not None), default=None)
    return top, None if top is None else top - LOOK_BACK


def _read(conn: Connection, wanted: Wanted, top: int | None, bottom: int | None) -> list[Event]:
    given = wanted.filter
    parameters = {
        "below": top,
        "from_row": bottom,
        "states": list(given.states) or None,
        "types": like_patterns(given.types),
        "lane": given.lane,
        "hashes": _hashes(conn, given),
        "account": given.account,
        "since": given.since,
        "until": given.until,
        "object_id": given.object_id,
        "event_id": wanted.event_id,
        "most": wanted.most + 1,
    }
    return [from_row(row) for row in conn.execute(load("event_search")["search"], parameters)]


def _hashes(conn: Connection, given: Filter) -> list[bytes] | None:
    """The customers that are meant; None for all. A person without any has no events."""
    if given.person is None:
        return None if given.customer is None else [given.customer]
    rows = conn.execute(load("event_search")["customers_of"], {"person": given.person})
    own = [bytes(row["customer_hash"]) for row in rows]
    return own if given.customer is None else [one for one in own if one == given.customer]


def _received_from(conn: Connection, row: int) -> datetime | None:
    found = conn.execute(load("event_search")["received_from"], {"row": max(row, 0)}).fetchone()
    return None if found is None else found["received_at"]


def _is_further(conn: Connection, wanted: Wanted, bottom: int) -> bool:
    """Whether anything is left to look at: not below the first row, nor before the time that was asked for."""
    if bottom <= 1:
        return False
    since = wanted.filter.since
    if since is None:
        return True
    row = conn.execute(load("event_search")["first_since"], {"moment": since}).fetchone()
    return row is not None and bottom > row["id"] - _OUT_OF_ORDER
