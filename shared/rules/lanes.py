"""Which queue an event rides and how soon. The webhook door imports this: standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Lane = Literal["crisis", "standard"]
LANES: tuple[Lane, ...] = ("crisis", "standard")  # in the order of service

# From the receipt of a crisis event to the commit of what it changed.
CRISIS_SECONDS = 0.2

# Higher goes first within a lane. The statement that keeps an event raises it to OPEN_CRISIS when it finds one.
OPEN_CRISIS = 30
MARKED_CRISIS = 20
ACCESS_CRITICAL = 10
STANDARD = 0

# While a person is in grace a payment gives back what was at stake: it rides with what takes it away.
PAYMENTS = ("invoice.paid", "invoice.payment_succeeded", "payment_intent.succeeded")

# What may stand in a lane, in the order of service; the table's own check says the same.
URGENCIES: Mapping[Lane, tuple[int, ...]] = {
    "crisis": (OPEN_CRISIS, MARKED_CRISIS, ACCESS_CRITICAL, STANDARD),
    "standard": (STANDARD,),
}

# On Redis 0 is served first, and a worker's BRPOP lists priority steps times queues: every queue at step 0, then
# every queue at step 3, and so on. So whatever rides the crisis lane must stand on a better step than STANDARD,
# or a standard message would overtake it; and within the lane an open crisis stands on a step of its own.
MESSAGE_PRIORITY: Mapping[int, int] = {OPEN_CRISIS: 0, MARKED_CRISIS: 3, ACCESS_CRITICAL: 6, STANDARD: 9}


@dataclass(frozen=True, slots=True)
class Placement:
    lane: Lane
    urgency: int
    reason: str


_MARKED = Placement("crisis", MARKED_CRISIS, "marked-crisis")
_ACCESS = Placement("crisis", ACCESS_CRITICAL, "access-critical")
_STANDARD = Placement("standard", STANDARD, "standard")


def place(event_type: str | None, *, marked_crisis: bool, access_critical_types: frozenset[str]) -> Placement:
    """What the event alone tells; whether the person behind it is in an open crisis, the database adds."""
    if marked_crisis:
        return _MARKED
    return _ACCESS if event_type in access_critical_types else _STANDARD
