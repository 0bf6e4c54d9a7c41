"""An event's decrypted body, for staff who may read it; each look is on record."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any, NoReturn

from shared import audit
from shared.bulk_acts import Mandate
from shared.crypto import Identity, Reader, Sealed
from shared.db import Connection
from shared.errors import CarelaneError
from shared.events import Event
from shared.queries import load

ACT = "event.payload_viewed"


class BodyGone(CarelaneError):
    """The event is still known, but its body was removed when its time had come."""

    code = "body_gone"


@dataclass(frozen=True, slots=True)
class Payload:
    """The body as it was received; `document` is what it says where it is JSON."""

    body: bytes = field(repr=False)
    document: Any = field(repr=False)
    is_json: bool

    def to_json(self) -> dict[str, object]:
        return {"payload": self.document} if self.is_json else {"payload": None, "payloadBytes": ascii(self.body)}

    def text(self) -> str:
        """Indented where it is JSON, else its bytes as Python would write them."""
        return json.dumps(self.document, indent=2, ensure_ascii=False) if self.is_json else ascii(self.body)


def view(conn: Connection, event: Event, private_key: bytes, mandate: Mandate) -> Payload:
    """As `opened`, by a private key alone."""
    return opened(conn, event, Reader(private_key, lambda key_id: _wrapped(conn, key_id)), mandate)


def opened(conn: Connection, event: Event, reader: Reader, mandate: Mandate) -> Payload:
    """Open the body and put the look on record; the caller commits before it shows anything.

    Raises BodyGone, or IntegrityError when the body was changed or is sealed for another key.
    """
    row = conn.execute(load("payloads")["sealed_body"], {"row": event.id, "received_at": event.received_at}).fetchone()
    if row is None:
        raise BodyGone("the body of this event is gone: bodies are kept for a time, events for ever")
    body = reader.open(Sealed(**row), Identity(event.account, event.livemode, event.event_id))
    audit.record(conn, actor=mandate.actor, act=ACT, object=f"event:{event.event_id}#{event.id}", reason=mandate.reason)
    return read(body)


def read(body: bytes) -> Payload:
    """JSON, or else nothing but bytes: what cannot be written again as JSON is shown as it came."""
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        json.dumps([[document]], indent=2, allow_nan=False)
    except (ValueError, RecursionError):
        return Payload(body, None, is_json=False)
    return Payload(body, document, is_json=True)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _wrapped(conn: Connection, key_id: uuid.UUID) -> tuple[bytes, str] | None:
    row = conn.execute(load("data_keys")["fetch"], {"id": key_id}).fetchone()
    return None if row is None else (row["wrapped"], row["recipient"])
