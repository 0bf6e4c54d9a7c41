"""What a database needs that was brought back from a backup, before anything works with it.

It does not know what was given out between the moment it stands at and its loss: numbers of notices, positions that
devices and streams go on from, ids in the audit trail. Given out a second time they would mean something else, and a
receiver that knows them already would drop what is new. So all of them are passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import audit
from shared.db import Connection
from shared.errors import CarelaneError
from shared.queries import load

# Far more than any outage gives out, and so few that JavaScript counts them exactly after a million restores.
_GAP = 1_000_000_000
_SEQUENCES = ("events_id_seq", "notices_id_seq", "callback_deliveries_id_seq")


class NotReady(CarelaneError):
    """The database cannot be made fit to work with yet."""

    code = "not_ready"


@dataclass(frozen=True, slots=True)
class Restored:
    """`stands_at`: the last sign of life in it, None when it has none; `gap_seconds`: from then until now."""

    stands_at: datetime | None
    gap_seconds: float | None
    position: int

    def to_json(self) -> dict[str, Any]:
        stands_at = None if self.stands_at is None else self.stands_at.isoformat()
        return {"standsAt": stands_at, "gapSeconds": self.gap_seconds, "position": self.position}


def is_recovering(conn: Connection) -> bool:
    row = conn.execute(load("backups")["is_recovering"]).fetchone()
    return row is not None and bool(row["is_recovering"])


def finish(conn: Connection, *, actor: str, reason: str) -> Restored:
    """In the caller's transaction; harmless when done twice. Raises NotReady while others work with the database."""
    sql = load("backups")
    if is_recovering(conn):
        raise NotReady("The database is still recovering, or is a standby: promote it first.")
    row = conn.execute(sql["others"]).fetchone()
    if row and row["names"]:
        raise NotReady(f"Stop Carelane's processes first; these are connected: {', '.join(row['names'])}.")
    restored = _pass_over(conn, _one(conn, sql["last_sign"]))
    audit.record(conn, actor=actor, act="database.restored", object="database", reason=reason, after=restored.to_json())
    return restored


def _pass_over(conn: Connection, sign: Mapping[str, Any]) -> Restored:
    sql = load("backups")
    conn.execute(sql["pass_over_ids"], {"gap": _GAP, "sequences": list(_SEQUENCES)})
    for row in conn.execute(sql["untold"]).fetchall():
        conn.execute(sql["renumber"], row)
    position = int(_one(conn, sql["pass_over_positions"], {"gap": _GAP})["newest"])
    conn.execute(sql["forget_hours"])
    conn.execute(sql["begin_hour"], {"first": position + 1})
    gap = None if sign["at"] is None else (sign["now"] - sign["at"]).total_seconds()
    return Restored(sign["at"], gap, position)


def _one(conn: Connection, query: str, parameters: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
    row = conn.execute(query, parameters).fetchone()
    assert row is not None  # noqa: S101 - for mypy: each of these gives one row
    return row
