"""Which of Stripe's API versions this reading of payloads was written for."""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.([a-z]{1,40}))?")
_OLDEST, _LAST_UNNAMED = date(2011, 1, 1), date(2024, 6, 20)
# A monthly release bears the name of the last major one and changes nothing in an incompatible way
# (docs.stripe.com/api/versioning), so every date from a train's first day to the next train's is known.
_TRAINS: Mapping[str, date] = {
    "acacia": date(2024, 9, 30),
    "basil": date(2025, 3, 31),
    "clover": date(2025, 9, 30),
    "dahlia": date(2026, 3, 25),
    "endive": date(2026, 9, 30),
}
# Of the newest train only what has been read is known: the release after it may be a major one of any name.
_NEWEST = date(2026, 10, 28)
_NEXT = {train: _TRAINS[following] for train, following in pairwise(_TRAINS)}


def api_version_is_known(version: str | None) -> bool:
    """None is known: very old events name no version. A preview, a newer date or another name is not."""
    if version is None:
        return True
    named = _VERSION.fullmatch(version)
    day = _day(named[1]) if named else None
    return named is not None and day is not None and _is_known(day, named[2])


def _is_known(day: date, train: str | None) -> bool:
    if train is None:
        return _OLDEST <= day <= _LAST_UNNAMED
    if train not in _TRAINS or day < _TRAINS[train]:
        return False
    return day < _NEXT[train] if train in _NEXT else day <= _NEWEST


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
