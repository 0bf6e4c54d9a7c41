"""What goes over a stream, as bytes (HTML Living Standard, 9.2): an event's id is its position in the outbox."""

from collections.abc import Mapping
from typing import Any

import orjson

from shared.moments import iso
from shared.outbox import Told
from shared.rules.sync_operations import KIND

RETRY_MILLISECONDS = 2000
OPEN, GAP, END = "stream:open", "stream:gap", "stream:end"


def frame(event: str, data: Mapping[str, Any], *, position: int | None = None) -> bytes:
    """JSON holds no line break, so the data is one line."""
    where = b"" if position is None else b"id: %d\n" % position
    return b"event: %s\n%sdata: %s\n\n" % (event.encode(), where, orjson.dumps(data))


def of(told: Told) -> bytes:
    """An operation for devices reads as in `GET /api/sync`: of two of one entity the greater version holds."""
    data = told.data
    if told.kind == KIND:
        data = {**data, "version": told.position, "timestamp": iso(told.told_at)}
    return frame(told.kind, data, position=told.position)


def opening(position: int) -> bytes:
    """The first word: from here on a reader can go on, though nothing was told yet."""
    return b"retry: %d\n" % RETRY_MILLISECONDS + frame(OPEN, {}, position=position)


def gap(why: str, position: int) -> bytes:
    """Something is missing and is not told any more: the reader asks for states anew, and goes on from here."""
    return frame(GAP, {"reason": why}, position=position)


def heartbeat(position: int) -> bytes:
    """No event for a reader, and still the id to go on from: one who hears little is not taken for long away."""
    return b": beat\nid: %d\n\n" % position


def ending(why: str) -> bytes:
    return frame(END, {"reason": why})
