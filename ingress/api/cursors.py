"""Cursors: where a list goes on, as text that a caller hands back unread."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

from ingress.api.problems import Problem

T = TypeVar("T")
_LONGEST_ROW = 18


def cut(found: Sequence[T], limit: int, place: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """A page of a list that was read with one more than it holds, and the cursor of the next one if there is more."""
    page = found[:limit]
    return page, _written(place(page[-1])) if len(found) > limit else None


def read(cursor: str | None) -> str | None:
    """The place it stands for; Problem for what no list has given."""
    if cursor is None:
        return None
    try:
        place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise _not_ours() from None
    if "\0" in place:  # PostgreSQL holds no such text, and takes none
        raise _not_ours()
    return place


def read_row(cursor: str | None) -> int | None:
    """As `read`, of a list in the order of its rows."""
    place = read(cursor)
    if place is None:
        return None
    if not (place.isascii() and place.isdigit() and len(place) <= _LONGEST_ROW):
        raise _not_ours()
    return int(place)


def _written(place: str) -> str:
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _not_ours() -> Problem:
    return Problem("INVALID_FIELDS", errors={"after": ["It is not a cursor that a list has given."]})
