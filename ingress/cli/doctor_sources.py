"""The list of the networks that Stripe sends from, which a worker or a timer keeps fresh."""

import time
from collections.abc import Iterator

from shared import source_list
from shared.checks.finding import Finding, fault, ok, warning
from shared.config import Settings

_FRESH_DAYS = 7
_DAY_SECONDS = 86400
_FETCH = (
    "Make sure that beat and a worker run that can write the file, or let a timer run `carelane sources fetch` daily."
)


def look(settings: Settings, *, now: float | None = None) -> Iterator[Finding]:
    """Nothing where no list is asked for; `now` is Unix time."""
    path = settings.sources_file
    if path is None:
        return
    try:
        count, fetched_at = len(source_list.read(path)), path.stat().st_mtime
    except (OSError, ValueError) as error:
        yield fault("sources", f"The list of Stripe's networks cannot be read: {type(error).__name__}.", _FETCH)
        return
    days = ((time.time() if now is None else now) - fetched_at) / _DAY_SECONDS
    if days > _FRESH_DAYS:
        yield warning("sources", f"The list of Stripe's networks was last fetched {days:.0f} days ago.", _FETCH)
    else:
        yield ok("sources", f"{count} networks, fetched within {_FRESH_DAYS} days.")
