"""Waiting events of people in danger, moved before all others."""

from shared.db import Connection
from shared.queries import load
from shared.rules.lanes import OPEN_CRISIS

MOST_AT_ONCE = 5_000


def move_waiting(conn: Connection, user_id: str | None = None, *, most: int = MOST_AT_ONCE) -> tuple[int, ...]:
    """Move this person's events, or everybody's, to the front of the crisis lane; the rows to ring for once committed.

    The relay calls it for everybody: an event kept in the very moment a crisis opened may not have seen it.
    """
    parameters = {"user_id": user_id, "open_crisis": OPEN_CRISIS, "most": most}
    moved = conn.execute(load("crises")["move_waiting"], parameters).fetchall()
    return tuple(sorted(row["id"] for row in moved if row["is_due"]))
