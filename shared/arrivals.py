"""What arrives at the inbox, and what becomes of it."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.crypto import Identity
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


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of an arrival: its row, and whether it had been kept before (with the same body or another)."""

    row_id: int
    duplicate: bool
    same_body: bool
    lane: str
    urgency: int
