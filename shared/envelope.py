"""The envelope: the few fields by which an event is kept. Total: any bytes give an envelope, and none raises."""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,255}")
_THIN = "v2.core.event"
_LONGEST = 255
_YEARS = range(1970, 2101)
_LAST_SECOND = int(datetime(_YEARS.stop, 1, 1, tzinfo=UTC).timestamp()) - 1

# Where Stripe puts metadata that was set by the application: on the object, and for an invoice on its subscription's
# details (before and since 2025-03-31.basil).
_METADATA_PATHS = (
    ("metadata",),
    ("subscription_details", "metadata"),
    ("parent", "subscription_details", "metadata"),
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """`type` is None for a body that is no event: its `id` is then `sha256:<hex of the body>`, the rest is None."""

    id: str
    type: str | None = None
    created: datetime | None = None
    account: str | None = None
    livemode: bool | None = None
    api_version: str | None = None
    object_kind: str | None = None
    object_id: str | None = None
    customer_id: str | None = None
    marked_crisis: bool = False


def read(body: bytes) -> Envelope:
    """Read what can be read; an optional field of an odd shape is None. Of a repeated key the last one counts."""
    event = _parsed(body)
    if not _is_event(event):
        return Envelope(id="sha256:" + hashlib.sha256(body).hexdigest())
    kind, object_id = _object_name(event)
    livemode = event.get("livemode")
    return Envelope(
        id=event["id"],
        type=event["type"].replace("\0", "\ufffd")[:_LONGEST],
        created=_moment(event.get("created")),
        account=_account(event),
        livemode=livemode if isinstance(livemode, bool) else None,
        api_version=_text(event.get("api_version")),
        object_kind=kind,
        object_id=object_id,
        customer_id=object_id if kind == "customer" else _customer(event),
        marked_crisis=any(_at(event, "data", "object", *path, "crisis") == "true" for path in _METADATA_PATHS),
    )


def _parsed(body: bytes) -> Any:
    # orjson refuses what PostgreSQL or a log could not carry: NaN, lone surrogates, a byte order mark, nesting beyond
    # 1024. Whether a number is huge does not matter here.
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("type"), str)
        and isinstance(event.get("id"), str)
        and _ID.fullmatch(event["id"]) is not None
    )


def _object_name(event: Any) -> tuple[str | None, str | None]:
    """Kind and id of the object: of a snapshot event, else of a thin one (`v2.core.event`), which names it only."""
    thing = _at(event, "data", "object")
    if isinstance(thing, dict):
        return _text(thing.get("object")), _text(thing.get("id"))
    return _text(_at(event, "related_object", "type")), _text(_at(event, "related_object", "id"))


def _account(event: Any) -> str | None:
    """A thin event names its account last in the path `acct_…/acct_…` by which it is fetched."""
    if event.get("object") != _THIN:
        return _text(event.get("account"))
    last = (_text(event.get("context")) or "").rpartition("/")[2]
    return last if last.startswith("acct_") else None


def _customer(event: Any) -> str | None:
    customer = _at(event, "data", "object", "customer")
    return _text(customer) or _text(_at(customer, "id"))


def _moment(created: Any) -> datetime | None:
    """Unix seconds, or the ISO text of a thin event."""
    if isinstance(created, int) and not isinstance(created, bool) and 0 <= created <= _LAST_SECOND:
        return datetime.fromtimestamp(created, UTC)
    if not isinstance(created, str):
        return None
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return None
    # The year first: a moment at either end of the calendar cannot be moved to another zone.
    return moment.astimezone(UTC) if moment.tzinfo is not None and moment.year in _YEARS else None


def _text(value: Any) -> str | None:
    """Text that PostgreSQL stores as it is. Nothing is clipped: half an id would be another object's."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST and "\0" not in value else None


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
