"""What may leave this process in a log or in Sentry: ids and codes, by a list of what is allowed, never contents."""

import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

# Only these keys reach a log. A new one is added here by somebody who has thought about what it may hold.
_IDS = (
    "event_id", "link", "logger", "notice_id", "port", "process", "request_id", "row_id", "secret_name", "task_id",
    "trace_id", "worker",
)  # fmt: skip
_CODES = ("action", "code", "event", "exception", "kind", "lane", "level", "name", "outcome", "state", "status")
_REASONS = ("reason_class", "reason_code", "reason_path", "type", "where")
_FIGURES = (
    "count",
    "delay_seconds",
    "duplicate",
    "fence",
    "livemode",
    "milliseconds",
    "position",
    "series",
    "timestamp",
)
ALLOWED = frozenset((*_IDS, *_CODES, *_REASONS, *_FIGURES))
_LONGEST = 300
# Anything that could be a secret or a person's address inside an otherwise allowed text.
_SENSITIVE = re.compile(r"whsec_\S+|sk_(?:live|test)_\S+|rk_\S+|[\w.+-]+@[\w-]+\.\w+|://[^/\s:@]*:[^@\s]+@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Event = MutableMapping[str, Any]


def where(error: BaseException) -> str:
    """The innermost place of an exception as file:line; never its message, which may quote a payload."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{'/'.join(frames[-1].filename.split('/')[-2:])}:{frames[-1].lineno}" if frames else "unknown"


def passed_through(error: BaseException, package: str) -> bool:
    """Whether the exception came up through code of this package."""
    return any(f"/{package}" in frame.filename for frame in traceback.extract_tb(error.__traceback__))


def only_allowed(_logger: Any, _method: str, event: Event) -> Event:
    """Drop every key that is not on the list, and clean what is."""
    meta = {key: event[key] for key in ("_record", "_from_structlog") if key in event}
    return {key: cleaned(value) for key, value in event.items() if key in ALLOWED} | meta


def cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _CONTROL.sub(" ", _SENSITIVE.sub("[hidden]", value))[:_LONGEST]
    return value if isinstance(value, int | float | bool | None) else cleaned(str(value))


def name_exception(_logger: Any, _method: str, event: Event) -> Event:
    given = event.pop("exc_info", None)
    record = event.get("_record")
    if record is not None and record.exc_info:
        # A foreign logger's formatted traceback ends in the exception's message.
        given, record.exc_info, record.exc_text = record.exc_info, None, None
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"], event["where"] = type(error).__name__, where(error)
    return event


def scrub(event: Any, _hint: Any) -> Any:
    """What Sentry may have: the kind of error and its places in the code; built anew, so nothing else rides along."""
    kept = {
        key: event[key]
        for key in ("event_id", "timestamp", "level", "platform", "release", "environment")
        if key in event
    }
    values = (event.get("exception") or {}).get("values") or []
    kept["exception"] = {"values": [_scrub_exception(value) for value in values]}
    tags = {key: cleaned(value) for key, value in (event.get("tags") or {}).items() if key in ALLOWED}
    kept["tags"] = tags
    if not values and "action" in tags:
        kept["message"] = tags["action"]
    kept["server_name"] = event.get("server_name")
    return kept


def _scrub_exception(value: Any) -> dict[str, Any]:
    frames = ((value.get("stacktrace") or {}).get("frames")) or []
    places = [
        {key: frame.get(key) for key in ("filename", "function", "lineno", "module", "in_app")} for frame in frames
    ]
    return {"type": value.get("type"), "module": value.get("module"), "stacktrace": {"frames": places}}
