"""What was fetched from Stripe, as an arrival: it goes the way of all that is delivered, and no other."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from shared import arrivals
from shared.arrivals import Arrival

# Of as many digits as any before it.
_LAST_SECOND = 9_999_999_999


def of_event(event: Mapping[str, Any], *, account: str | None, access_critical_types: frozenset[str]) -> Arrival:
    """Of a listed event: it names no account, the list it stood in does; `account` is part of its identity.

    Of an imported one, which tells its own, without it.
    """
    named = {**event, "account": account} if account else event
    return arrivals.read(_body(named), access_critical_types=access_critical_types)


def of_object(
    document: Mapping[str, Any], *, account: str | None, livemode: bool | None, asked_at: datetime
) -> Arrival:
    """Of an object as it stood at that time; asked twice within a second it is the same."""
    kind, created = document["object"], int(asked_at.timestamp())
    event = {
        "id": _id(document["id"], created),
        "object": "event",
        "type": f"fetched.{kind}",
        "created": created,
        "livemode": livemode,
        "account": account,
        "data": {"object": document},
    }
    return arrivals.read(_body(event), access_critical_types=frozenset())


def ids_after(object_id: str, moment: datetime) -> tuple[str, str]:
    """Between these lies the id of each fetch of this object in a later second than that."""
    return _id(object_id, int(moment.timestamp()) + 1), _id(object_id, _LAST_SECOND)


def _id(object_id: str, second: int) -> str:
    return f"fetched_{object_id}_{second}"


def _body(event: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(event)
    except TypeError:
        # Half a surrogate pair in somebody's words, or a huge number: no reason for all that stands beside it to wait.
        return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace")
