"""The log of Stripe's deliveries, a page at a time: what came, and what became of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.events import like_patterns
from shared.moments import iso
from shared.queries import load

COUNTED_UP_TO = 100_000
DUPLICATE = "duplicate"
# The words of the outside for several states, beside the states themselves.
SUCCESS, FAILED = "success", "failed"
_MEANS: Mapping[str, tuple[str, ...]] = {SUCCESS: ("processed", "ignored"), FAILED: ("dead",)}
STATUSES = (SUCCESS, FAILED, DUPLICATE, "received", "processing", "retrying", "processed", "ignored", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`entity`: an object's, an event's or an account's id."""

    types: tuple[str, ...] = ()
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`total` stops at COUNTED_UP_TO."""

    logs: tuple[dict[str, object], ...]
    total: int
    has_next: bool


def page(conn: Connection, wanted: Wanted, *, number: int, size: int) -> Page:
    """The page of this number, the first being 1."""
    parameters = asdict(wanted) | {
        "types": like_patterns(wanted.types),
        "states": None if wanted.status is None else list(_MEANS.get(wanted.status, (wanted.status,))),
        "counted_up_to": COUNTED_UP_TO,
        "most": size + 1,
        "skipped": (number - 1) * size,
    }
    rows = conn.execute(load("webhook_logs")["page"], parameters).fetchall()
    found = [_log(row) for row in rows if row["event_row"] is not None]
    return Page(tuple(found[:size]), rows[0]["total"], len(found) > size)


def _log(row: Mapping[str, Any]) -> dict[str, object]:
    state = row["state"]
    return {
        "eventId": row["event_id"],
        "rowId": row["event_row"],
        "account": row["account"],
        "livemode": row["livemode"],
        "eventType": row["type"],
        "entityId": row["object_id"],
        "lane": row["lane"],
        "status": next((word for word, states in _MEANS.items() if state in states), state),
        "state": None if state == DUPLICATE else state,
        "reason": {"class": row["reason_class"], "code": row["reason_code"]} if row["reason_code"] else None,
        "attempts": row["attempts"],
        "secretName": row["secret_name"],
        "receivedAt": iso(row["at"]),
        "settledAt": iso(row["settled_at"]),
    }
