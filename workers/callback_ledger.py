"""Callbacks between their claim and their end: short transactions, each guarded by the claim's fence."""

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import audit, callback_acts, callback_secrets, callbacks, notices
from shared.db import Connection
from shared.queries import load
from shared.rules.callback_pace import FAILURES_IN_A_ROW, Again, GiveUp, is_given_up

MOST_HANDED = 200
_ENDPOINTS_AT_ONCE = 10
_MOST_SECRETS = 5
GONE = "status_410"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """One callback in hand, with what it says and where it goes."""

    id: int
    fence: int
    attempts: int
    is_urgent: bool
    endpoint_id: uuid.UUID
    name: str
    url: str
    tried_seconds: float
    notice_id: int
    kind: str
    data: Mapping[str, Any]
    told_at: datetime
    because: str | None = None  # the event that made it owed, where one did
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """What followed: whether it died, and whether its endpoint was disabled."""

    is_dead: bool
    disables: bool


def hand(conn: Connection, in_danger: Collection[str] = ()) -> int:
    """Turn what was told into callbacks of each endpoint; how many endpoints got on. 0: all are up to date.

    What is urgent of these recipients goes first, however far behind an endpoint is.
    """
    parameters = {"most": MOST_HANDED, "at_once": _ENDPOINTS_AT_ONCE, "in_danger": sorted(in_danger)}
    row = conn.execute(load("callbacks")["hand"], parameters).fetchone()
    return 0 if row is None else int(row["moved"])


def release_lost(conn: Connection, is_gone: Callable[[str], bool]) -> int:
    """Give back what senders held that are known to be dead; how many."""
    sql = load("callbacks")
    gone = [row["claimed_by"] for row in conn.execute(sql["holders"]) if is_gone(row["claimed_by"])]
    return conn.execute(sql["release"], {"gone": gone}).rowcount if gone else 0


def due(conn: Connection) -> dict[uuid.UUID, bool]:
    """Endpoints with something to be sent now, each with whether some of it is about a person in danger."""
    return {row["id"]: bool(row["is_urgent"]) for row in conn.execute(load("callbacks")["due"])}


def claim(
    conn: Connection, endpoint_id: uuid.UUID, *, worker: str, lease_seconds: float, urgent_only: bool
) -> Claimed | None:
    parameters = {
        "endpoint_id": endpoint_id,
        "worker": worker,
        "lease_seconds": lease_seconds,
        "urgent_only": urgent_only,
        "failures_in_a_row": FAILURES_IN_A_ROW,
    }
    row = conn.execute(load("callbacks")["claim"], parameters).fetchone()
    return None if row is None else Claimed(**row)


def secrets(conn: Connection, endpoint_id: uuid.UUID, key: bytes) -> list[str]:
    """Those that sign now, the newest first; raises IntegrityError where one does not open."""
    rows = conn.execute(load("callbacks")["secrets"], {"endpoint_id": endpoint_id, "most": _MOST_SECRETS})
    return [callback_secrets.unseal(key, endpoint_id, row["sealed"]) for row in rows]


def deliver(conn: Connection, claimed: Claimed) -> bool:
    """It was taken; False when the claim is no longer ours."""
    sql = load("callbacks")
    if conn.execute(sql["deliver"], {"id": claimed.id, "fence": claimed.fence}).fetchone() is None:
        return False
    row = conn.execute(sql["recover"], {"endpoint_id": claimed.endpoint_id}).fetchone()
    if row is not None and row["failures"] >= FAILURES_IN_A_ROW:
        conn.execute(sql["hasten"], {"endpoint_id": claimed.endpoint_id})
    return True


def fail(conn: Connection, claimed: Claimed, decision: Again | GiveUp, *, reason: str) -> Failed | None:
    """It was not taken: another try, or a dead letter; None when the claim is no longer ours."""
    is_dead = isinstance(decision, GiveUp)
    seconds = 0.0 if isinstance(decision, GiveUp) else decision.seconds
    parameters = {"id": claimed.id, "fence": claimed.fence, "reason": reason, "seconds": seconds}
    sql = load("callbacks")
    if conn.execute(sql["give_up" if is_dead else "try_again"], parameters).fetchone() is None:
        return None
    if is_dead:
        _tell_dead(conn, claimed, reason)
    return Failed(is_dead, _fail_endpoint(conn, claimed, reason))


def _fail_endpoint(conn: Connection, claimed: Claimed, reason: str) -> bool:
    parameters = {"endpoint_id": claimed.endpoint_id, "failures_in_a_row": FAILURES_IN_A_ROW}
    row = conn.execute(load("callbacks")["fail"], parameters).fetchone()
    if row is None:  # pragma: no cover - endpoints are never removed
        return False
    if reason != GONE and not is_given_up(row["failures"], row["failing_seconds"]):
        return False
    return callback_acts.give_up(conn, claimed.endpoint_id, because=reason)


def _tell_dead(conn: Connection, claimed: Claimed, reason: str) -> None:
    told = {"endpoint": claimed.name, "kind": claimed.kind, "attempts": claimed.attempts, "reason": reason}
    audit.record(conn, actor="deliver", act="callback.dead", object=callbacks.object_name(claimed.name), after=told)
    data = {"endpointId": str(claimed.endpoint_id), "noticeId": claimed.notice_id, **told}
    cause = f"callback:{claimed.id}:{claimed.fence}"
    notices.owe(conn, cause=cause, kind=callback_acts.DEAD, recipient=notices.STAFF, data=data)
