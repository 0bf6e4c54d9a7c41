"""Endpoints of the application's backend that are called about notices: made, listed, and given another secret.

A secret is made here, shown once, and kept sealed: only who holds CARELANE_CALLBACK_KEY can sign with it.
"""

import base64
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, callback_secrets
from shared.db import Connection
from shared.documents import as_document
from shared.errors import CarelaneError, NotFound
from shared.queries import load

MOST_ENDPOINTS = 50
OVERLAP_HOURS = 24
_SECRET_BYTES = 32
_PREFIX = "whsec_"  # Standard Webhooks


class NameTaken(CarelaneError):
    """An endpoint bears this name, disabled or not."""

    code = "name_taken"


class TooMany(CarelaneError):
    """Each endpoint has senders of its own."""

    code = "too_many"


@dataclass(frozen=True, slots=True)
class Wanted:
    """`kinds`: of notices, `payout:*` for all that begin so; None for all there are."""

    name: str
    url: str
    kinds: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The secret is shown this once."""

    endpoint_id: uuid.UUID
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """As it is listed; `waiting` and `dead` count its callbacks, `oldest_seconds` is the age of the oldest waiting."""

    id: uuid.UUID
    name: str
    url: str
    kinds: Sequence[str] | None
    created_at: datetime
    created_by: str
    failures: int
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_because: str | None
    waiting: int
    dead: int
    oldest_seconds: float

    def to_json(self) -> dict[str, object]:
        return as_document(self) | {"id": str(self.id), "kinds": None if self.kinds is None else list(self.kinds)}


def add(conn: Connection, wanted: Wanted, *, actor: str, key: bytes) -> Made:
    """It is called about what is told from now on. Raises NameTaken, TooMany."""
    row = conn.execute(load("callbacks")["count"]).fetchone()
    if row is not None and row["endpoints"] >= MOST_ENDPOINTS:
        raise TooMany(f"there are {MOST_ENDPOINTS} endpoints already, and each has threads of its own")
    kinds = None if wanted.kinds is None else list(wanted.kinds)
    parameters = {"name": wanted.name, "url": wanted.url, "kinds": kinds, "actor": actor}
    row = conn.execute(load("callbacks")["add"], parameters).fetchone()
    if row is None:
        raise NameTaken(f"an endpoint is named {wanted.name}: choose another name, or roll or enable that one")
    secret = _add_secret(conn, row["id"], key)
    audit.record(conn, actor=actor, act="callback.added", object=object_name(wanted.name), after={"kinds": kinds})
    return Made(row["id"], secret)


def roll(conn: Connection, name: str, *, actor: str, key: bytes, hours: int = OVERLAP_HOURS) -> Made:
    """A new secret; the old one signs along for so many hours. Raises NotFound."""
    endpoint_id = find(conn, name)
    conn.execute(load("callbacks")["end_secrets"], {"endpoint_id": endpoint_id, "hours": hours})
    secret = _add_secret(conn, endpoint_id, key)
    audit.record(conn, actor=actor, act="callback.rolled", object=object_name(name), after={"overlapHours": hours})
    return Made(endpoint_id, secret)


def listing(conn: Connection) -> list[Endpoint]:
    return [Endpoint(**row) for row in conn.execute(load("callbacks")["list"], {"most": MOST_ENDPOINTS})]


def object_name(name: str) -> str:
    """How the audit trail calls an endpoint."""
    return f"callback:{name}"


def find(conn: Connection, name: str) -> uuid.UUID:
    """Its id, and its row locked. Raises NotFound."""
    row = conn.execute(load("callbacks")["find"], {"name": name}).fetchone()
    if row is None:
        raise NotFound(f"no endpoint is named {name}")
    found: uuid.UUID = row["id"]
    return found


def _add_secret(conn: Connection, endpoint_id: uuid.UUID, key: bytes) -> str:
    secret = _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    sealed = callback_secrets.seal(key, endpoint_id, secret)
    conn.execute(load("callbacks")["add_secret"], {"endpoint_id": endpoint_id, "sealed": sealed})
    return secret
