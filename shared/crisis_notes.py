"""A clinician's note on a crisis: sealed like an event's body, opened for staff who say why."""

import uuid
from dataclasses import dataclass, field

from shared import audit, crypto, data_keys
from shared.bulk_acts import Mandate
from shared.crypto import Identity, Reader, Sealed
from shared.db import Connection
from shared.errors import NotFound
from shared.queries import load


@dataclass(frozen=True, slots=True)
class Note:
    """The text, and the readers' public key that it is sealed for."""

    text: str = field(repr=False)
    public_key: bytes = field(repr=False)


def seal(conn: Connection, crisis_id: uuid.UUID, note: Note) -> Sealed:
    """Under a key of its own, stored wrapped: notes are few."""
    key = crypto.new_data_key(note.public_key)
    data_keys.store(conn, key)
    return crypto.seal(key, note.text.encode(), _identity(crisis_id))


def view(conn: Connection, crisis_id: uuid.UUID, private_key: bytes, mandate: Mandate) -> str:
    """Open the note and put the look on record; the caller commits before it shows anything. Raises NotFound."""
    row = conn.execute(load("crises")["note"], {"id": crisis_id}).fetchone()
    if row is None:
        raise NotFound("this crisis has no note")
    reader = Reader(private_key, lambda key_id: _wrapped(conn, key_id))
    text = reader.open(Sealed(**row), _identity(crisis_id)).decode()
    object_name = f"crisis:{crisis_id}"
    audit.record(conn, actor=mandate.actor, act="crisis.note_viewed", object=object_name, reason=mandate.reason)
    return text


def _identity(crisis_id: uuid.UUID) -> Identity:
    return Identity(None, None, f"crisis:{crisis_id}")


def _wrapped(conn: Connection, key_id: uuid.UUID) -> tuple[bytes, str] | None:
    row = conn.execute(load("data_keys")["fetch"], {"id": key_id}).fetchone()
    return None if row is None else (row["wrapped"], row["recipient"])
