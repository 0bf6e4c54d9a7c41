"""What is done to an endpoint of callbacks that gets on badly: disabled, enabled again, and what it missed sent on."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared import audit, notices, outbox
from shared.callbacks import find, object_name
from shared.db import Connection
from shared.errors import NotFound
from shared.queries import load

MOST_REQUEUED = 100_000
DISABLED, DEAD = "callback:endpoint_disabled", "callback:dead_letter"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCallback:
    """One that was given up."""

    id: int
    notice_id: int
    kind: str
    handed_at: datetime
    ended_at: datetime
    attempts: int
    reason: str


def disable(conn: Connection, name: str, *, actor: str, reason: str) -> None:
    """By a person. Raises NotFound."""
    if not _disable(conn, find(conn, name), because="by hand"):
        raise NotFound(f"the endpoint {name} is disabled already")
    audit.record(conn, actor=actor, act="callback.disabled", object=object_name(name), reason=reason)


def give_up(conn: Connection, endpoint_id: uuid.UUID, *, because: str) -> bool:
    """By itself, raised to staff; False when it was disabled before."""
    name = _disable(conn, endpoint_id, because=because)
    if name is None:
        return False
    audit.record(conn, actor="deliver", act="callback.disabled", object=object_name(name), reason=because)
    # Each time that it is disabled is told: it was enabled in between, and so told of.
    cause = f"{object_name(name)}:disabled:{uuid.uuid4()}"
    data = {"endpointId": str(endpoint_id), "endpoint": name, "because": because}
    notices.owe(conn, cause=cause, kind=DISABLED, recipient=notices.STAFF, data=data)
    return True


def enable(conn: Connection, name: str, *, actor: str, skips: bool, days: int) -> None:
    """It goes on where it was, at most so many days back, or with what comes now (`skips`). Raises NotFound."""
    find(conn, name)
    parameters = {"name": name, "skips": skips, "oldest": outbox.oldest_kept(conn, days=days)}
    row = conn.execute(load("callbacks")["enable"], parameters).fetchone()
    if row is None:
        raise NotFound(f"the endpoint {name} is not disabled")
    conn.execute(load("callbacks")["drop_waiting" if skips else "requeue_waiting"], {"endpoint_id": row["id"]})
    audit.record(conn, actor=actor, act="callback.enabled", object=object_name(name), after={"skips": skips})


def requeue(conn: Connection, name: str, ids: Sequence[int] | None, *, actor: str, reason: str) -> int:
    """Send these on again now, or all that is dead or waits for its next try; how many. Raises NotFound."""
    endpoint_id = find(conn, name)
    sql = load("callbacks")
    parameters = {"endpoint_id": endpoint_id, "ids": None if ids is None else list(ids), "most": MOST_REQUEUED}
    count = conn.execute(sql["requeue"], parameters).rowcount
    conn.execute(sql["resume"], {"endpoint_id": endpoint_id})
    after = {"count": count}
    audit.record(conn, actor=actor, act="callback.requeued", object=object_name(name), reason=reason, after=after)
    return count


def dead(conn: Connection, name: str, *, after: int, most: int) -> list[DeadCallback]:
    """Those that were given up, the oldest first. Raises NotFound."""
    parameters = {"endpoint_id": find(conn, name), "after": after, "most": most}
    return [DeadCallback(**row) for row in conn.execute(load("callbacks")["dead"], parameters)]


def _disable(conn: Connection, endpoint_id: uuid.UUID, *, because: str) -> str | None:
    row = conn.execute(load("callbacks")["disable"], {"endpoint_id": endpoint_id, "because": because}).fetchone()
    return None if row is None else str(row["name"])
