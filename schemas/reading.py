"""From raw bytes to an event's envelope; what lies inside `data.object` is read by its own schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from schemas.errors import SchemaError, Unreadable
from schemas.values import instant

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_THIN = "v2.core.event"
_EXPECTED: Mapping[type, str] = {str: "a string is expected", bool: "true or false is expected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One Stripe event; `created` and `object` stay empty where absent, for a type nobody handles needs neither.

    A thin one shows no object: it names it (`related_id`) and the `context` in which it is to be asked for.
    """

    id: str
    type: str
    created: datetime | None
    account: str | None
    livemode: bool | None
    api_version: str | None
    object: Mapping[str, Any] = field(repr=False)
    previous: Mapping[str, Any] | None = field(repr=False)
    is_thin: bool
    context: str | None = None
    related_id: str | None = None


def read_event(raw: bytes) -> Event:
    """Raise Unreadable where there is no event, SchemaError where its identity (account, livemode) is malformed."""
    body = _envelope(raw)
    thin = body.get("object") == _THIN
    data = _mapping(body.get("data")) or {}
    return Event(
        id=body["id"],
        type=body["type"],
        created=_iso(body.get("created")) if thin else _seconds(body.get("created")),
        account=_context(body) if thin else _optional(body, "account", str),
        livemode=_optional(body, "livemode", bool),
        api_version=version if isinstance(version := body.get("api_version"), str) else None,
        object=_mapping(data.get("object")) or {},
        previous=_mapping(data.get("previous_attributes")),
        is_thin=thin,
        context=_optional(body, "context", str) if thin else None,
        related_id=_related(body) if thin else None,
    )


def _envelope(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        # `from None`: the decoder's error carries the whole document, which would travel on into logs.
        raise Unreadable("the body is not JSON") from None
    if not isinstance(body, dict):
        raise Unreadable("the body is not a JSON object")
    if not isinstance(body.get("type"), str) or not body["type"]:
        raise Unreadable("type is not a string of a character or more")
    if not isinstance(body.get("id"), str) or not _ID.fullmatch(body["id"]):
        raise Unreadable("id is not 1 to 255 of the characters A-Z a-z 0-9 _ . : -")
    return body


def _optional(body: Mapping[str, Any], key: str, kind: type) -> Any:
    value = body.get(key)
    if value is not None and not isinstance(value, kind):
        raise SchemaError(key, _EXPECTED[kind])
    return value


def _context(body: Mapping[str, Any]) -> str | None:
    """A thin event's account: the last of the path `acct_…/acct_…` by which it is fetched, None on the platform's own.

    Connect events of the other kind bear both fields (Stripe's changelog of 2025-04-30), so an event and its twin
    have one identity.
    """
    last: str = (_optional(body, "context", str) or "").rpartition("/")[2]
    return last if last.startswith("acct_") else None


def _related(body: Mapping[str, Any]) -> str | None:
    related_id = (_mapping(body.get("related_object")) or {}).get("id")
    return related_id if isinstance(related_id, str) and _ID.fullmatch(related_id) else None


def _mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _seconds(value: Any) -> datetime | None:
    try:
        return instant(value)
    except ValueError:
        return None


def _iso(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else None
