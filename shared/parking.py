"""Events that lack something, and what wakes them the moment it appears.

Two sides meet here. An event's transaction calls `look_for` before it looks for what it needs, and parks when it finds
nothing (a settlement or a retry that names what it waits for). Whoever brings the thing calls `wake` in the transaction
that brings it, after writing it. The advisory lock lets one of them through at a time, so neither misses the other:
the event sees the thing, or the waker sees the parked event.
"""

from shared.db import Connection
from shared.queries import load

MOST_AT_ONCE = 500


def look_for(conn: Connection, wanted: str) -> None:
    """To be called before the statement that looks; many events may look for the same thing at once."""
    conn.execute(load("parking")["look_for"], {"wanted": wanted})


def wake(conn: Connection, wanted: str, *, most: int = MOST_AT_ONCE) -> int:
    """Let at most so many of those that waited for it be tried at once; how many.

    One that was ignored for the lack of it begins a new series of attempts.
    """
    sql = load("parking")
    conn.execute(sql["bring"], {"wanted": wanted})
    return len(conn.execute(sql["wake"], {"wanted": wanted, "most": most}).fetchall())


def wake_all(conn: Connection, wanted: str, *, at_once: int = MOST_AT_ONCE) -> int:
    """All of them in this transaction, where only few are to be expected; how many.

    One that somebody else has locked is left out: it is being tried, and looks for itself.
    """
    return sum(iter(lambda: wake(conn, wanted, most=at_once), 0))
