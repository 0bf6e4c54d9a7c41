"""Writes that may be sent again: the answer to the first is kept with its effect, and given to the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb

from shared import crypto
from shared.db import Connection
from shared.errors import CarelaneError
from shared.queries import load


class OtherRequest(CarelaneError):
    """The key was used for another request."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Key:
    """A caller's key and what was asked with it, both as keyed hashes.

    What was asked may be the scores of a questionnaire, few enough to be guessed one by one. The caller's own key,
    which is kept nowhere, is part of both hashes, so that nobody can.
    """

    name: bytes = field(repr=False)
    request: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    document: Mapping[str, Any]


def key_of(lookup_key: bytes, *, caller: str, chosen: str, request: bytes) -> Key:
    """`chosen` is what the caller sent; `request` all that was asked, method and path included."""
    own = f"{caller}\0{chosen}".encode()
    name = crypto.lookup_hash(lookup_key, "idempotency-name", own)
    return Key(name, crypto.lookup_hash(lookup_key, "idempotency-request", own + b"\0" + request))


def begin(conn: Connection, key: Key) -> Answer | None:
    """The kept answer; None for whoever is the first, who calls `finish` in the same transaction.

    Raises OtherRequest.
    """
    sql = load("idempotency")
    if conn.execute(sql["begin"], {"name": key.name, "request": key.request}).fetchone() is not None:
        return None
    return find(conn, key)


def finish(conn: Connection, key: Key, answer: Answer) -> None:
    conn.execute(load("idempotency")["finish"], {"name": key.name, **_columns(answer)})


def find(conn: Connection, key: Key) -> Answer | None:
    """Raises OtherRequest."""
    row = conn.execute(load("idempotency")["find"], {"name": key.name}).fetchone()
    if row is None:
        return None
    if bytes(row["request"]) != key.request:
        raise OtherRequest("this key was used for another request")
    return Answer(row["status"], row["answer"])


def note(conn: Connection, key: Key, answer: Answer) -> None:
    """As `finish`, for work that was done in transactions of its own."""
    conn.execute(load("idempotency")["note"], {"name": key.name, "request": key.request, **_columns(answer)})


def _columns(answer: Answer) -> dict[str, Any]:
    return {"status": answer.status, "answer": Jsonb(dict(answer.document))}
