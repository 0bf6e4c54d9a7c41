"""All that happened to one event: its attempts and its deliveries."""

from dataclasses import dataclass
from datetime import datetime

from shared.db import Connection
from shared.documents import as_document
from shared.events import Event
from shared.queries import load

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt; without an end its worker is still at it, or died."""

    number: int
    series: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    error_class: str | None
    error_code: str | None
    error_path: str | None
    message: str | None
    waits_for: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        return as_document(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One time that Stripe brought the event; `same_body` is None for the first, which is the one that was kept."""

    delivered_at: datetime
    secret_name: str | None
    signed_at: datetime | None
    duplicate: bool
    same_body: bool | None

    def to_json(self) -> dict[str, object]:
        return as_document(self)


@dataclass(frozen=True, slots=True)
class History:
    """An event and all that happened to it."""

    event: Event
    attempts: tuple[Attempt, ...]
    deliveries: tuple[Delivery, ...]

    def to_json(self) -> dict[str, object]:
        """The document that `carelane events show --json` prints."""
        return self.event.to_json() | {
            "attempts": [attempt.to_json() for attempt in self.attempts],
            "deliveries": [delivery.to_json() for delivery in self.deliveries],
        }


def history(conn: Connection, event: Event) -> History:
    sql = load("events")
    parameters = {"row": event.id, "most": MOST_SHOWN}
    attempts = conn.execute(sql["attempts_of_event"], parameters)
    further = conn.execute(sql["further_deliveries"], parameters)
    return History(
        event,
        tuple(Attempt(**row | {"waits_for": tuple(row["waits_for"])}) for row in attempts),
        (*_first_delivery(event), *(Delivery(duplicate=True, **row) for row in further)),
    )


def _first_delivery(event: Event) -> list[Delivery]:
    """The event's own row tells it, unless no delivery brought the event."""
    if event.source != "webhook":
        return []
    return [
        Delivery(
            delivered_at=event.received_at,
            secret_name=event.secret_name,
            signed_at=event.signed_at,
            duplicate=False,
            same_body=None,
        )
    ]
