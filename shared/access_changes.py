"""Tells when a person's access changes, whatever changed it, and checks each time that help stays in reach.

What is told is a shadow of what is computed: whoever asks gets an answer computed anew, with or without this.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from shared import access, access_alarm, audit, counts, notices, sync_owed
from shared.access_document import document
from shared.db import Connection, Pool
from shared.errors import CarelaneError, TransientError
from shared.moments import iso
from shared.queries import load
from shared.rules import sync_operations
from shared.rules.access import Access
from shared.rules.standing import Policy

log = structlog.get_logger(__name__)

UPDATED = "access:updated"
MOST_AT_ONCE = 500
_IN_ONE_COMMIT = 50
_AGAIN_SECONDS = 60  # longer than any transaction of ours
_PUT_OFF_SECONDS = 300

_TOLD = ("accessLevel", "tier", "subscriptionStatus", "features", "gracePeriod", "crisis", "emergencyAccess")


@dataclass(frozen=True, slots=True)
class Change:
    """What was told before and is told now; `before` None the first time."""

    user_id: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]


def refresh(conn: Connection, user_ids: Iterable[str], policy: Policy) -> list[Change]:
    """Compute these people's access anew and tell what has changed, in the caller's transaction.

    To be called last in it, after whatever may have changed something: people are locked, each in one order for all.
    """
    changes = [_refresh(conn, user_id, policy) for user_id in sorted(set(user_ids))]
    return [change for change in changes if change is not None]


def refresh_or_owe(conn: Connection, user_id: str, policy: Policy) -> None:
    """As `refresh`; where a bug of ours or what it finds makes that fail, the person is due for beat.

    For what must not wait for telling: danger that is reported is written down whatever is wrong with the bills.
    """
    try:
        with conn.transaction():  # a savepoint
            refresh(conn, [user_id], policy)
    except (CarelaneError, psycopg.OperationalError, psycopg.InterfaceError):
        raise  # the stores' trouble is the whole transaction's
    except Exception:
        log.exception("a person's access is told later", action="access.failed")
        conn.execute(load("access")["owe"], {"user_id": user_id})


def mark_customers(conn: Connection, customer_hashes: Iterable[bytes | None]) -> list[str]:
    """Note, with the change itself, that the people behind these Stripe customers must be refreshed; who they are.

    The caller commits and then refreshes them. Should it die in between, or that fail, beat does: a fact is never
    refused because telling of it went wrong.
    """
    hashes = [one for one in set(customer_hashes) if one is not None]
    rows = conn.execute(load("access")["mark"], {"hashes": hashes}).fetchall() if hashes else []
    return sorted(row["user_id"] for row in rows)


def refresh_each(pool: Pool, user_ids: Iterable[str], policy: Policy) -> int:
    """How many had changed. Raises nothing: who fails now is due for beat, and costs nobody else anything."""
    whom = sorted(set(user_ids))
    parts = [whom[at : at + _IN_ONE_COMMIT] for at in range(0, len(whom), _IN_ONE_COMMIT)]
    return sum(_refresh_part(pool, part, policy) for part in parts)


def _refresh_part(pool: Pool, user_ids: Sequence[str], policy: Policy) -> int:
    """All together; where one fails, each has another try alone."""
    if len(user_ids) > 1:
        with contextlib.suppress(Exception), pool.transaction() as conn:
            return _refresh_all(conn, user_ids, policy)
    return sum(_refresh_alone(pool, user_id, policy) for user_id in user_ids)


def _refresh_all(conn: Connection, user_ids: Sequence[str], policy: Policy) -> int:
    """In a transaction of its own: where nothing has changed, its commit does not wait for the disk."""
    changes = refresh(conn, user_ids, policy)
    if not changes:
        conn.execute(load("access")["need_not_last"])
    return len(changes)


def _refresh_alone(pool: Pool, user_id: str, policy: Policy) -> int:
    try:
        with pool.transaction() as conn:
            return _refresh_all(conn, [user_id], policy)
    except TransientError as error:
        log.info("a person's access is told later", action="access.later", code=error.code)
    except Exception:
        log.exception("a person's access could not be told", action="access.failed")
        _put_off(pool, user_id)
    return 0


def _put_off(pool: Pool, user_id: str) -> None:
    """They are tried again, after all others who are due now."""
    with contextlib.suppress(Exception), pool.transaction() as conn:
        conn.execute(load("access")["put_off"], {"user_id": user_id, "seconds": _PUT_OFF_SECONDS})


def look_again(conn: Connection, user_id: str) -> None:
    """Have this person refreshed once more in a while, whatever happens."""
    conn.execute(load("access")["look_again"], {"user_id": user_id, "seconds": _AGAIN_SECONDS})


def refresh_due(pool: Pool, policy: Policy, *, most: int = MOST_AT_ONCE) -> int:
    """Those whose grace or emergency access has ended by now, each in a transaction of its own; how many changed."""
    with pool.transaction() as conn:
        due = [row["user_id"] for row in conn.execute(load("access")["due"], {"most": most})]
    return refresh_each(pool, due, policy)


def _refresh(conn: Connection, user_id: str, policy: Policy) -> Change | None:
    stands = conn.execute(load("access")["lock_told"], {"user_id": user_id}).fetchone()
    reading = access.read(conn, user_id)
    if stands is None or reading is None:  # pragma: no cover - the person's row is there, or the lock would have failed
        return None
    found = _with_planned(reading.decide(policy), stands["changes_at"], reading.at)
    after = _told(user_id, found, reading)
    has_changed = after != stands["told"]
    if has_changed or found.changes_at != stands["changes_at"]:
        _write(conn, user_id, found, after, step=int(has_changed))
    if not has_changed:
        return None
    change = Change(user_id, stands["told"], after)
    _tell(conn, change, version=stands["version"] + 1, at=iso(reading.at))
    access_alarm.check(conn, user_id, found)
    access_alarm.raise_unmapped(conn, found.unmapped)
    return change


def _with_planned(found: Access, planned: datetime | None, now: datetime) -> Access:
    """A look that is still to come stays: somebody may have asked for it (`look_again`); one too many costs little."""
    moments = [one for one in (found.changes_at, planned) if one is not None and one > now]
    return replace(found, changes_at=min(moments, default=None))


def _told(user_id: str, found: Access, reading: access.Reading) -> dict[str, Any]:
    """All of the answer but what passes with the days."""
    whole = document(user_id, found, reading.at)
    told: dict[str, Any] = {name: whole[name] for name in _TOLD}
    told["gracePeriod"].pop("daysLeft")
    return told


def _write(conn: Connection, user_id: str, found: Access, after: Mapping[str, Any], *, step: int) -> None:
    grace = found.grace if found.grace_is_active else None
    parameters = {
        "user_id": user_id,
        "told": Jsonb(dict(after)),
        "step": step,
        "changes_at": found.changes_at,
        "is_held": grace is not None and grace.ends_at is None,
        "grace_ends_at": grace.ends_at if grace else None,
    }
    conn.execute(load("access")["tell"], parameters)


def _tell(conn: Connection, change: Change, *, version: int, at: str | None) -> None:
    name = f"person:{change.user_id}"
    grace = _grace_acts(change)
    for act in grace:
        counts.GRACE.labels(act.removeprefix("grace.")).inc()
    for act in ("access.changed", *grace):
        audit.record(conn, actor="walk", act=act, object=name, before=change.before, after=change.after)
    data = {"userId": change.user_id, "accessLevel": change.after["accessLevel"], "tier": change.after["tier"]}
    cause = f"{name}:access:{version}"
    notices.owe(conn, cause=cause, kind=UPDATED, recipient=name, data={**data, "timestamp": at})
    told = sync_operations.changes(change.before, change.after)
    sync_owed.owe(conn, change.user_id, told, version=str(version), at=at)


def _grace_acts(change: Change) -> Sequence[str]:
    before, after = ((told or {}).get("gracePeriod", {}).get("active", False) for told in (change.before, change.after))
    if before == after:
        return ()
    return ("grace.started",) if after else ("grace.ended",)
