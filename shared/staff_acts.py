"""Bulk acts of the console: kept, and carried on step by step, whatever browser or session ends in between."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.bulk_acts import DISCARD, REPLAY, REQUEUE, UNDO, Act, Mandate, Target, carry
from shared.bulk_work import TooMany, Transaction, Work
from shared.db import Connection
from shared.errors import NotFound
from shared.queries import load

MOST = 20_000  # so that what is chosen is kept within the time of one request
UNDO_MINUTES = 30
_BATCH = 500
_KEPT_DAYS = 30
_ACTS: Mapping[str, Act] = {act.name: act for act in (REQUEUE, DISCARD, REPLAY)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An act as it stands: `counts` by outcome, where None is what waits for its turn."""

    id: uuid.UUID
    staff_id: uuid.UUID
    actor: str
    act: str
    reason: str
    begun_at: datetime
    ended_at: datetime | None
    undone_at: datetime | None
    undone_by: str | None
    read_at: datetime
    counts: Mapping[str | None, int]

    @property
    def chosen(self) -> int:
        return sum(self.counts.values())

    @property
    def left(self) -> int:
        return self.counts.get(None, 0)

    @property
    def carrier(self) -> str:
        """Who began what is being done now; only they go on with it."""
        return self.undone_by or self.actor

    @property
    def undo_until(self) -> datetime | None:
        """None where it cannot be taken back, or no more."""
        if self.act != DISCARD.name or self.ended_at is None or self.undone_at or not self.counts.get(DISCARD.done):
            return None
        until = self.ended_at + timedelta(minutes=UNDO_MINUTES)
        return until if until > self.read_at else None


@dataclass(frozen=True, slots=True)
class Item:
    position: int
    name: str
    row_id: int | None
    outcome: str | None
    state: str | None


def begin(conn: Connection, work: Work, *, staff_id: uuid.UUID, mandate: Mandate) -> uuid.UUID:
    """Keep what was chosen; nothing of it is done yet. Raises TooMany."""
    sql = load("staff_acts")
    if work.matched > MOST:
        raise TooMany(f"{work.matched:,} were chosen, and one act takes {MOST:,}: narrow the filter")
    conn.execute(sql["forget"], {"days": _KEPT_DAYS})
    given = {"staff_id": staff_id, "actor": mandate.actor, "act": work.act.name, "reason": mandate.reason}
    row = conn.execute(sql["begin"], given).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    items: list[tuple[Any, ...]] = [(one.id, None, None, one.outcome, one.state) for one in work.refused]
    items += [(one.id, one.row_id, one.series, None, None) for one in work.targets]
    columns = zip(*items, strict=True) if items else [()] * 5
    named = dict(zip(("names", "rows", "series", "outcomes", "states"), map(list, columns), strict=True))
    conn.execute(sql["add_items"], {"id": row["id"], **named})
    found: uuid.UUID = row["id"]
    return found


def go_on(transaction: Transaction, act_id: uuid.UUID, *, seconds: float) -> None:
    """Carry on for so long, batch after batch, each with its outcomes in one transaction."""
    ends = time.monotonic() + seconds
    while True:
        with transaction() as conn:
            if not _step(conn, act_id):
                return
        if time.monotonic() >= ends:
            return


def _step(conn: Connection, act_id: uuid.UUID) -> bool:
    """Whether there may be more to do."""
    sql = load("staff_acts")
    if conn.execute(sql["lock"], {"id": act_id}).fetchone() is None:
        return False
    kept = find(conn, act_id)
    items = conn.execute(sql["next_items"], {"id": act_id, "most": _BATCH}).fetchall()
    if items:
        targets = [Target(item["name"], item["row_id"], item["series"]) for item in items]
        act = UNDO if kept.undone_at else _ACTS[kept.act]
        done = carry(conn, act, targets, Mandate(kept.carrier, kept.reason))
        settled = {
            "positions": [item["position"] for item in items],
            "outcomes": [outcome.outcome for outcome in done],
            "states": [outcome.state for outcome in done],
        }
        conn.execute(sql["settle_items"], {"id": act_id, **settled})
    if len(items) < _BATCH:
        conn.execute(sql["end"], {"id": act_id})
    return len(items) == _BATCH


def find(conn: Connection, act_id: uuid.UUID) -> Kept:
    """Raises NotFound."""
    row = conn.execute(load("staff_acts")["find"], {"id": act_id}).fetchone()
    if row is None:
        raise NotFound("no act goes by this id")
    return _kept(conn, row)


def latest(conn: Connection, *, unfinished_of: uuid.UUID | None = None, most: int = 20) -> list[Kept]:
    """The newest of all, or those that this member of staff has yet to go on with."""
    rows = conn.execute(load("staff_acts")["latest"], {"unfinished_of": unfinished_of, "most": most}).fetchall()
    return [_kept(conn, row) for row in rows]


def items(conn: Connection, act_id: uuid.UUID, *, outcome: str | None, after: int, most: int) -> list[Item]:
    wanted = {"id": act_id, "outcome": outcome, "after": after, "most": most}
    return [Item(**row) for row in conn.execute(load("staff_acts")["items"], wanted)]


def take_back(conn: Connection, act_id: uuid.UUID, *, actor: str) -> bool:
    """Begin to undo a discard; False when its time is over, or somebody was quicker."""
    wanted = {"id": act_id, "actor": actor, "minutes": UNDO_MINUTES}
    return conn.execute(load("staff_acts")["take_back"], wanted).fetchone() is not None


def _kept(conn: Connection, row: Mapping[str, Any]) -> Kept:
    counts = conn.execute(load("staff_acts")["counts"], {"id": row["id"]})
    return Kept(**row, counts={one["outcome"]: one["items"] for one in counts})
