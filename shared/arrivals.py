"""What arrives at the inbox, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime

from shared import envelope
from shared.crypto import Identity
from shared.rules import lanes
from shared.rules.lanes import Placement


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event as it is to be kept: what the envelope says of it, and the raw bytes; unsigned where it was fetched."""

    event_id: str
    type: str | None
    account: str | None
    livemode: bool | None
    api_version: str | None
    occurred_at: datetime | None
    object_kind: str | None
    object_id: str | None
    customer_id: str | None
    body: bytes = field(repr=False)
    signed_at: datetime | None
    secret_name: str | None
    placement: Placement

    @property
    def identity(self) -> Identity:
        return Identity(self.account, self.livemode, self.event_id)


def read(
    body: bytes,
    *,
    access_critical_types: frozenset[str],
    signed_at: datetime | None = None,
    secret_name: str | None = None,
) -> Arrival:
    """What these bytes are as an arrival; whatever they are, they are one."""
    event = envelope.read(body)
    return Arrival(
        event_id=event.id,
        type=event.type,
        account=event.account,
        livemode=event.livemode,
        api_version=event.api_version,
        occurred_at=event.created,
        object_kind=event.object_kind,
        object_id=event.object_id,
        customer_id=event.customer_id,
        body=body,
        signed_at=signed_at,
        secret_name=secret_name,
        placement=lanes.place(
            event.type, marked_crisis=event.marked_crisis, access_critical_types=access_critical_types
        ),
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an arrival: its row, and whether it had been kept before (with the same body or another)."""

    row_id: int
    duplicate: bool
    same_body: bool
    lane: str
    urgency: int
