"""A body for staff behind broken glass: asked for by the door, opened by a worker, sealed for the one who asked alone.

docs/decisions/0027-a-worker-opens-what-staff-ask-for.md
"""

import uuid
from dataclasses import dataclass, field

from shared import audit, crypto, events, payloads
from shared.bulk_acts import Mandate
from shared.crypto import Identity, Reader, Sealed
from shared.db import Connection
from shared.errors import IntegrityError
from shared.events import Event
from shared.payloads import BodyGone, Payload
from shared.queries import load

# Longer than anybody waits for the answer: what is older was left behind.
_FRESH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Look:
    """One that was asked for; only who holds this can read its answer."""

    id: uuid.UUID
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """The worker could not open it: `body_gone` or `integrity`."""

    code: str


def ask(conn: Connection, event: Event, *, staff_id: uuid.UUID, reason: str) -> Look:
    """The database refuses it unless this account has broken the glass. The caller commits, then tells a worker."""
    private_key = crypto.new_private_key()
    wanted = {"staff_id": staff_id, "event_row": event.id, "reason": reason}
    row = conn.execute(load("looks")["ask"], wanted | {"reply_key": crypto.public_key_of(private_key)}).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    return Look(row["id"], private_key)


def answer(conn: Connection, look_id: uuid.UUID, reader: Reader) -> bool:
    """In a worker: open the body, put the look on record, seal it for who asked. False when nobody waits any more."""
    sql = load("looks")
    row = conn.execute(sql["take"], {"id": look_id, "seconds": _FRESH_SECONDS}).fetchone()
    if row is None:
        return False
    mandate = Mandate(row["actor"], row["reason"])
    try:
        payload = _opened(conn, row["event_row"], reader, mandate)
    except (BodyGone, IntegrityError) as error:
        conn.execute(sql["refuse"], {"id": look_id, "refused": error.code})
        _note_in_vain(conn, row["event_row"], mandate, error.code)
        return True
    key = crypto.new_data_key(row["reply_key"])
    sealed = crypto.seal(key, payload.body, _identity(look_id))
    parts = {"data_key_id": sealed.data_key_id, "nonce": sealed.nonce, "sealed": sealed.sealed}
    conn.execute(sql["answer"], {"id": look_id, "wrapped": key.wrapped, **parts})
    return True


def _note_in_vain(conn: Connection, event_row: int, mandate: Mandate, code: str) -> None:
    """Who tried is on record as who looked is."""
    audit.record(
        conn,
        actor=mandate.actor,
        act="event.payload_not_opened",
        object=f"event:#{event_row}",
        reason=mandate.reason,
        after={"code": code},
    )


def _opened(conn: Connection, event_row: int, reader: Reader, mandate: Mandate) -> Payload:
    reference = f"#{event_row}"
    found = events.find(conn, [reference])[reference]
    if not found:
        raise BodyGone("no event has this row")
    return payloads.opened(conn, found[0], reader, mandate)


def collect(conn: Connection, look: Look) -> Payload | Refused | None:
    """The answer, which is forgotten with it; None while there is none."""
    row = conn.execute(load("looks")["collect"], {"id": look.id}).fetchone()
    if row is None:
        return None
    if row["refused"] is not None:
        return Refused(row["refused"])
    recipient = crypto.fingerprint(crypto.public_key_of(look.private_key))
    reader = Reader(look.private_key, lambda _key_id: (row["wrapped"], recipient))
    return payloads.read(reader.open(Sealed(row["data_key_id"], row["nonce"], row["sealed"]), _identity(look.id)))


def forget(conn: Connection, look: Look) -> None:
    conn.execute(load("looks")["forget"], {"id": look.id, "seconds": _FRESH_SECONDS})


def _identity(look_id: uuid.UUID) -> Identity:
    return Identity(None, None, f"look:{look_id}")
