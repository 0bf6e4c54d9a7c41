"""The callback by which dj-stripe puts off an event's processing."""

from typing import Any


def leave_for_later(_trigger: Any, **_details: Any) -> None:
    """The cheapest there can be: the trigger's own row is the queue, and nothing is published."""
