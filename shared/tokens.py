"""Service tokens of the application door: made once, shown once, kept as keyed hashes."""

import base64
import hmac
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, crypto
from shared.db import Connection
from shared.documents import as_document
from shared.errors import CarelaneError, NotFound
from shared.queries import load

SCOPES = ("people", "access", "crisis", "payouts", "devices", "stream", "admin:read", "admin:write")
PREFIX = "clt_"  # so that a secret scanner, and whoever finds one, can tell what it is
MOST_LISTED = 500
_BYTES = 32
_CHECK_BYTES, _CHECK_LENGTH = 6, 8


class NameTaken(CarelaneError):
    """A good token bears this name already."""

    code = "name_taken"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token allows, whose it is, and until when; None is until it is revoked."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """`code` says why: unknown, expired or revoked."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is listed."""

    id: uuid.UUID
    name: str
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    def to_json(self) -> dict[str, object]:
        return as_document(self) | {"id": str(self.id), "scopes": list(self.scopes)}


@dataclass(frozen=True, slots=True)
class Created:
    """The secret is shown this once."""

    token: Token
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`days`: how long it is good; None for as long as nobody revokes it."""

    name: str
    scopes: Collection[str]
    days: int | None = None


def create(conn: Connection, wanted: Wanted, *, actor: str, lookup_key: bytes) -> Created:
    """Raises NameTaken."""
    secret = new_secret(lookup_key)
    parameters = {
        "name": wanted.name,
        "token_hash": hashed(lookup_key, secret),
        "scopes": [scope for scope in SCOPES if scope in wanted.scopes],
        "actor": actor,
        "days": wanted.days,
    }
    row = conn.execute(load("tokens")["create"], parameters).fetchone()
    if row is None:
        raise NameTaken(f"a token named {wanted.name} is in use: revoke it first, or choose another name")
    after = {"scopes": parameters["scopes"], "days": wanted.days}
    audit.record(conn, actor=actor, act="token.created", object=f"token:{wanted.name}", after=after)
    return Created(Token(**row | {"scopes": tuple(row["scopes"])}), secret)


def check(conn: Connection, token_hash: bytes) -> Grant | Refused:
    row = conn.execute(load("tokens")["check"], {"token_hash": token_hash}).fetchone()
    if row is None:
        return Refused("unknown")
    if row["is_revoked"]:
        return Refused("revoked")
    if row["has_expired"]:
        return Refused("expired")
    return Grant(row["name"], frozenset(row["scopes"]), row["expires_at"])


def listing(conn: Connection) -> list[Token]:
    rows = conn.execute(load("tokens")["list"], {"most": MOST_LISTED})
    return [Token(**row | {"scopes": tuple(row["scopes"])}) for row in rows]


def revoke(conn: Connection, name: str, *, actor: str) -> None:
    """Raises NotFound."""
    if conn.execute(load("tokens")["revoke"], {"name": name, "actor": actor}).fetchone() is None:
        raise NotFound(f"no token in use is named {name}")
    audit.record(conn, actor=actor, act="token.revoked", object=f"token:{name}")


def new_secret(lookup_key: bytes) -> str:
    """It ends in a check that takes the key to make: a made-up token is refused without asking for it."""
    head = PREFIX + secrets.token_urlsafe(_BYTES)
    return head + _check_of(lookup_key, head)


def may_be_ours(lookup_key: bytes, secret: str) -> bool:
    """False for what nobody made with this key."""
    head, check = secret[:-_CHECK_LENGTH], secret[-_CHECK_LENGTH:]
    return hmac.compare_digest(_check_of(lookup_key, head), check)


def _check_of(lookup_key: bytes, head: str) -> str:
    made = crypto.lookup_hash(lookup_key, "service-token-check", head.encode())
    return base64.urlsafe_b64encode(made[:_CHECK_BYTES]).decode()


def hashed(lookup_key: bytes, secret: str) -> bytes:
    """How a token is known; without the key nobody who reads the table could tell whether a guess is right."""
    return crypto.lookup_hash(lookup_key, "service-token", secret.encode())
