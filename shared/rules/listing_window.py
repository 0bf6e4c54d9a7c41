"""Which part of Stripe's list of events is read next. Pure: moments in, moments out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# "GET /v1/events ... going back up to 30 days" (docs.stripe.com/api/events/list); a little less, for the reading takes
# time and what falls off meanwhile would be missed without a word.
HORIZON = timedelta(days=30)
_MARGIN = timedelta(minutes=5)
# `created` counts seconds, and an event may show in the list after a later one: what was seen already costs a look-up.
OVERLAP = timedelta(minutes=5)
# A list that was never read begins here: so long Stripe itself tries to deliver.
FIRST_LOOK = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin` up to and without `end`; `lost_from` tells of a part before it that Stripe lists no more."""

    begin: datetime
    end: datetime
    lost_from: datetime | None = None


def window(done_until: datetime, end: datetime, *, now: datetime) -> Window:
    """What is to be read up to `end`, when all that was created before `done_until` has been read."""
    horizon = now - HORIZON + _MARGIN
    lost_from = done_until if done_until < now - HORIZON else None
    return Window(max(done_until - OVERLAP, horizon), end, lost_from)
