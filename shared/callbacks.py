"""Endpoints of the application's backend that are called about notices: made, listed, rolled, disabled and enabled.

A secret is made here, shown once, and sealed as event bodies are: only who holds the readers' key can sign with it.
"""

import base64
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, crypto, data_keys, notices, outbox
from shared.crypto import Identity
from shared.db import Connection
from shared.documents import as_document
from shared.errors import CarelaneError, NotFound
from shared.queries import load

MOST_ENDPOINTS = 50
MOST_REQUEUED = 100_000
OVERLAP_HOURS = 24
DISABLED, DEAD = "callback:endpoint_disabled", "callback:dead_letter"
_SECRET_BYTES = 32
_PREFIX = "whsec_"  # Standard Webhooks


class NameTaken(CarelaneError):
    """An endpoint bears this name, disabled or not."""

    code = "name_taken"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadCallback:
    """One that was given up."""

    id: int
    notice_id: int
    kind: str
    handed_at: datetime
    ended_at: datetime
    attempts: int
    reason: str


def add(conn: Connection, wanted: Wanted, *, actor: str, public_key: bytes) -> Made:
    """It is called about what is told from now on. Raises NameTaken."""
    kinds = None if wanted.kinds is None else list(wanted.kinds)
    parameters = {"name": wanted.name, "url": wanted.url, "kinds": kinds, "actor": actor}
    row = conn.execute(load("callbacks")["add"], parameters).fetchone()
    if row is None:
        raise NameTaken(f"an endpoint is named {wanted.name}: choose another name, or roll or enable that one")
    secret = _add_secret(conn, row["id"], public_key)
    audit.record(conn, actor=actor, act="callback.added", object=object_name(wanted.name), after={"kinds": kinds})
    return Made(row["id"], secret)


def roll(conn: Connection, name: str, *, actor: str, public_key: bytes, hours: int = OVERLAP_HOURS) -> Made:
    """A new secret; the old one signs along for so many hours. Raises NotFound."""
    endpoint_id = _find(conn, name)
    conn.execute(load("callbacks")["end_secrets"], {"endpoint_id": endpoint_id, "hours": hours})
    secret = _add_secret(conn, endpoint_id, public_key)
    audit.record(conn, actor=actor, act="callback.rolled", object=object_name(name), after={"overlapHours": hours})
    return Made(endpoint_id, secret)


def listing(conn: Connection) -> list[Endpoint]:
    return [Endpoint(**row) for row in conn.execute(load("callbacks")["list"], {"most": MOST_ENDPOINTS})]


def disable(conn: Connection, name: str, *, actor: str, reason: str) -> None:
    """By a person. Raises NotFound."""
    if not _disable(conn, _find(conn, name), because="by hand"):
        raise NotFound(f"the endpoint {name} is disabled already")
    audit.record(conn, actor=actor, act="callback.disabled", object=object_name(name), reason=reason)


def give_up(conn: Connection, endpoint_id: uuid.UUID, *, because: str) -> bool:
    """By itself, raised to staff; False when it was disabled before."""
    name = _disable(conn, endpoint_id, because=because)
    if name is None:
        return False
    audit.record(conn, actor="deliver", act="callback.disabled", object=object_name(name), reason=because)
    # Each time that it is disabled is told: it was enabled in between, and so told of.
    cause = f"{object_name(name)}:disabled:{uuid.uuid4()}"
    data = {"endpointId": str(endpoint_id), "endpoint": name, "because": because}
    notices.owe(conn, cause=cause, kind=DISABLED, recipient=notices.STAFF, data=data)
    return True


def enable(conn: Connection, name: str, *, actor: str, skips: bool, days: int) -> None:
    """It goes on where it was, at most so many days back, or with what comes now (`skips`). Raises NotFound."""
    _find(conn, name)
    parameters = {"name": name, "skips": skips, "oldest": outbox.oldest_kept(conn, days=days)}
    row = conn.execute(load("callbacks")["enable"], parameters).fetchone()
    if row is None:
        raise NotFound(f"the endpoint {name} is not disabled")
    conn.execute(load("callbacks")["drop_waiting" if skips else "requeue_waiting"], {"endpoint_id": row["id"]})
    audit.record(conn, actor=actor, act="callback.enabled", object=object_name(name), after={"skips": skips})


def requeue(conn: Connection, name: str, ids: Sequence[int] | None, *, actor: str, reason: str) -> int:
    """Send these on again now, or all that is dead or waits for its next try; how many. Raises NotFound."""
    endpoint_id = _find(conn, name)
    sql = load("callbacks")
    parameters = {"endpoint_id": endpoint_id, "ids": None if ids is None else list(ids), "most": MOST_REQUEUED}
    count = conn.execute(sql["requeue"], parameters).rowcount
    conn.execute(sql["resume"], {"endpoint_id": endpoint_id})
    after = {"count": count}
    audit.record(conn, actor=actor, act="callback.requeued", object=object_name(name), reason=reason, after=after)
    return count


def dead(conn: Connection, name: str, *, after: int, most: int) -> list[DeadCallback]:
    """Those that were given up, the oldest first. Raises NotFound."""
    parameters = {"endpoint_id": _find(conn, name), "after": after, "most": most}
    return [DeadCallback(**row) for row in conn.execute(load("callbacks")["dead"], parameters)]


def object_name(name: str) -> str:
    """How the audit trail calls an endpoint."""
    return f"callback:{name}"


def identity(endpoint_id: uuid.UUID) -> Identity:
    """What its secrets are sealed to."""
    return Identity(None, None, f"callback:{endpoint_id}")


def _find(conn: Connection, name: str) -> uuid.UUID:
    row = conn.execute(load("callbacks")["find"], {"name": name}).fetchone()
    if row is None:
        raise NotFound(f"no endpoint is named {name}")
    found: uuid.UUID = row["id"]
    return found


def _disable(conn: Connection, endpoint_id: uuid.UUID, *, because: str) -> str | None:
    row = conn.execute(load("callbacks")["disable"], {"endpoint_id": endpoint_id, "because": because}).fetchone()
    return None if row is None else str(row["name"])


def _add_secret(conn: Connection, endpoint_id: uuid.UUID, public_key: bytes) -> str:
    """Under a key of its own, stored wrapped: secrets are few."""
    secret = _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    key = crypto.new_data_key(public_key)
    data_keys.store(conn, key)
    sealed = crypto.seal(key, secret.encode(), identity(endpoint_id))
    parts = {"data_key_id": sealed.data_key_id, "nonce": sealed.nonce, "sealed": sealed.sealed}
    conn.execute(load("callbacks")["add_secret"], {"endpoint_id": endpoint_id, **parts})
    return secret
