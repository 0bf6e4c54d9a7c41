"""The trace of an event: known from its name alone, so that the door, workers and callbacks need not hand it on.

Nothing travels in messages but row ids, and an event may be taken up again days later by the relay: whoever knows its
name knows its trace. Format: https://www.w3.org/TR/trace-context/
"""

import re
from dataclasses import dataclass
from hashlib import sha256

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_OF_EVENT = re.compile(r"event:[^#\s]{1,255}#\d{1,19}")
_SAMPLED = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A span, by the two ids under which others can go on from it; in lower-case hex."""

    trace_id: str
    span_id: str


def event_name(event_id: str, row_id: int) -> str:
    """As audit records and causes call it."""
    return f"event:{event_id}#{row_id}"


def of_event(name: str) -> Place:
    """Where an event's trace begins: the span of its first delivery."""
    digest = sha256(f"carelane/{name}".encode()).hexdigest()
    return Place(digest[:32], digest[32:48])


def of_cause(cause: str | None) -> Place | None:
    """The trace of the event that a cause names, if it names one."""
    return of_event(cause) if cause is not None and _OF_EVENT.fullmatch(cause) else None


def read(traceparent: str | None) -> Place | None:
    """What a caller says it is part of; None where that cannot be read."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return Place(found[1], found[2])


def written(place: Place, *, is_sampled: bool = True) -> str:
    return f"00-{place.trace_id}-{place.span_id}-{_SAMPLED if is_sampled else 0:02x}"
