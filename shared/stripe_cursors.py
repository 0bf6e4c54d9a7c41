"""How far each of Stripe's lists was read: one reader at a time, gone on with after a stop where it was left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.types.json import Jsonb

from shared.db import Connection, Pool
from shared.errors import CarelaneError
from shared.queries import load

LEASE_SECONDS = 60
MOST_ACCOUNTS = 10_000


class LeaseLost(CarelaneError):
    """What this reader still holds is not saved."""

    code = "lease_lost"

    def __init__(self, name: str) -> None:
        super().__init__(f"Another reader has taken over {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`window_until` is None between two readings; `read_at` is the end of the last."""

    name: str
    done_until: datetime | None
    window_until: datetime | None
    phase: str | None
    after_id: str | None
    fence: int
    report: Mapping[str, int]
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One list as `carelane backfill --status` shows it."""

    name: str
    done_until: datetime | None
    window_until: datetime | None
    phase: str | None
    found: int
    report: Mapping[str, int]
    read_at: datetime | None
    is_read: bool


def take(pool: Pool, name: str, *, begin: datetime | None = None) -> Cursor | None:
    """None while another reads it; `begin` is where a list starts that was never read."""
    parameters = {"name": name, "begin": begin, "lease_seconds": LEASE_SECONDS}
    with pool.transaction() as conn:
        row = conn.execute(load("stripe_cursors")["take"], parameters).fetchone()
    return None if row is None else Cursor(**row)


def save(conn: Connection, cursor: Cursor, *, found: int = 0) -> None:
    parameters = {
        "name": cursor.name,
        "fence": cursor.fence,
        "done_until": cursor.done_until,
        "window_until": cursor.window_until,
        "phase": cursor.phase,
        "after_id": cursor.after_id,
        "found": found,
        "report": Jsonb(dict(cursor.report)),
        "lease_seconds": LEASE_SECONDS,
    }
    if conn.execute(load("stripe_cursors")["save"], parameters).fetchone() is None:
        raise LeaseLost(cursor.name)


def give_back(pool: Pool, cursor: Cursor) -> None:
    with pool.transaction() as conn:
        conn.execute(load("stripe_cursors")["give_back"], {"name": cursor.name, "fence": cursor.fence})


def standing(conn: Connection, prefix: str) -> list[Standing]:
    return [Standing(**row) for row in conn.execute(load("stripe_cursors")["standing"], {"prefix": prefix})]


def note(conn: Connection, names: Sequence[str], begin: datetime) -> int:
    """Lists that are to be read from `begin` on; how many of them are new."""
    return len(conn.execute(load("stripe_cursors")["note"], {"names": list(names), "begin": begin}).fetchall())


def accounts(conn: Connection, prefix: str) -> list[str]:
    """The connected accounts that are known here; `prefix` begins the names of their lists."""
    parameters = {"prefix": prefix, "most": MOST_ACCOUNTS}
    return [row["account"] for row in conn.execute(load("stripe_cursors")["accounts"], parameters)]


def unknown(conn: Connection, ids: Sequence[str], account: str | None) -> set[str]:
    """Those of these events that were never kept."""
    rows = conn.execute(load("stripe_cursors")["known_events"], {"ids": list(ids), "account": account})
    return set(ids) - {row["event_id"] for row in rows}
