"""Events from files: one event, a list of them, one of Stripe's own list objects; bare, or in a cloud's envelope."""

import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Event = dict[str, Any]


def read(paths: Sequence[Path]) -> list[Event]:
    """Raise ValueError with the file's name where there is no event in it."""
    return [event for path in paths for event in _read_one(path)]


def _read_one(path: Path) -> list[Event]:
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    if isinstance(found, dict) and found.get("object") == "list":
        found = found.get("data")
    events = found if isinstance(found, list) else [found]
    if not events or not all(isinstance(event, dict) for event in events):
        raise ValueError(f"{path} holds no event: a JSON object or a list of them is expected")
    return [_unwrapped(event, path) for event in events]


def _unwrapped(found: Event, path: Path) -> Event:
    """The event that Stripe put into an envelope of EventBridge (`detail`) or Event Grid (CloudEvents' `data`).

    docs.stripe.com/event-destinations/eventbridge, /eventgrid. Not an envelope's own id: the event has one.
    """
    is_eventbridge = "detail-type" in found
    if not is_eventbridge and "specversion" not in found:
        return found
    event = found.get("detail" if is_eventbridge else "data")
    if not isinstance(event, dict) or event.get("object") not in {"event", "v2.core.event"}:
        raise ValueError(f"{path} holds an envelope without an event of Stripe's in it")
    return event


def renamed(event: Event) -> Event:
    """The same event under an id of its own, so that it is kept however often it is sent."""
    return event | {"id": f"evt_{secrets.token_hex(12)}"}
