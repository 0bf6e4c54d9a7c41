"""Moments and spans as a page tells them: to the millisecond, for 200 of them are promised."""

from datetime import UTC, datetime, timedelta

Line = tuple[datetime | None, str]  # a sentence, and when it happened if that was at one moment

_SECONDS_IN = (("d", 86_400), ("h", 3_600), ("min", 60))


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(length: timedelta) -> str:
    """`48 ms`, `2.3 s`, `3 min 5 s`, `2 h 5 min`, `4 d 1 h`: two parts at most."""
    seconds = max(0.0, length.total_seconds())
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    for (unit, size), (smaller, part) in zip(_SECONDS_IN, (*_SECONDS_IN[1:], ("s", 1)), strict=True):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} {int(seconds % size // part)} {smaller}"
    return f"{seconds:.1f} s"
