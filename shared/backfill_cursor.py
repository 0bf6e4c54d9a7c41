"""How far a list of events is read, step by step. Pure: a cursor and a page in, a cursor out."""

from dataclasses import replace
from datetime import datetime, timedelta

from shared.rules.listing_window import Window, window
from shared.stripe_cursors import Cursor
from shared.stripe_lists import Listed

# What Stripe knows that it could not deliver comes first; then all, for it believes to have delivered what we lost.
UNDELIVERED, ALL = "undelivered", "all"
# The time of asking is told to the second below.
_SECOND = timedelta(seconds=1)


def opened(
    cursor: Cursor, *, now: datetime, begin: datetime, again_from: datetime | None
) -> tuple[Cursor, Window, bool]:
    """The reading in hand, or a new one up to `now`; which part it reads; whether it is a new one."""
    if again_from is not None:
        # Never later than where it stands: what lies between would be left out for good.
        done_until = min(cursor.done_until or begin, again_from)
        cursor = replace(cursor, done_until=done_until, window_until=None)
    is_new = cursor.window_until is None
    if is_new:
        cursor = replace(cursor, window_until=now, phase=UNDELIVERED, after_id=None, report={})
    return cursor, window(cursor.done_until or begin, cursor.window_until or now, now=now), is_new


def bounded(cursor: Cursor, listed: Listed) -> Cursor:
    """It was read up to the asking and no further: a clock of ours that is ahead would have all until then left out."""
    asked = listed.asked_at + _SECOND
    return replace(cursor, window_until=min(cursor.window_until or asked, asked))


def after(cursor: Cursor, listed: Listed) -> Cursor:
    if listed.after_id is not None:
        return replace(cursor, after_id=listed.after_id)
    if cursor.phase == UNDELIVERED:
        return replace(cursor, phase=ALL, after_id=None)
    return replace(cursor, done_until=cursor.window_until, window_until=None, phase=None, after_id=None)


def counted(cursor: Cursor, **more: int) -> Cursor:
    return replace(cursor, report={name: cursor.report.get(name, 0) + count for name, count in more.items()})
