"""What a package outside the project builds on: the shape of its handlers and observers, and what they are given.

docs/extending.md shows both at work.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from schemas.reading import Event
from shared.db import Connection

HANDLERS = "carelane.handlers"
OBSERVERS = "carelane.observers"

# What an observer may have, each called with one Observation; it needs one of them.
RECEIVED, PROCESSED, ERROR = "on_event_received", "on_event_processed", "on_error"
HOOKS = (RECEIVED, PROCESSED, ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedEvent(Event):
    """A Stripe event as a handler gets it; `row_id` is its own here, where an `evt_` id may stand for several.

    `created` and `object` stay empty where the payload has none: nothing but the envelope has been checked.
    """

    row_id: int
    lane: str
    received_at: datetime


class Handler(Protocol):
    """What an entry point of the group `carelane.handlers` names: an object or a module, not a class."""

    @property
    def types(self) -> frozenset[str]:
        """Stripe's names of the event types it takes; none that Carelane itself acts on."""

    def handle(self, conn: Connection, event: HandedEvent, /) -> None:
        """Do what follows from the event, in the event's own transaction; it is committed for you.

        Raise `shared.errors.TransientError` to be called again later, `shared.errors.NotYet` to wait for something,
        `schemas.errors.SchemaError` for a payload that cannot be read. Anything else is taken for a bug.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What an observer is told: ids, states and times. The reason's words are left out, as is all that Stripe sent."""

    row_id: int
    event_id: str
    type: str | None
    account: str | None
    livemode: bool | None
    lane: str
    state: str
    series: int
    attempt: int
    reason_class: str | None
    reason_code: str | None
    received_at: datetime
    observed_at: datetime
