"""The accounts of people who work in the console: added, given a role, disabled, set up anew. Each act is audited."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, staff_secrets, staff_sessions
from shared.db import Connection
from shared.documents import as_document
from shared.errors import CarelaneError, NotFound
from shared.queries import load
from shared.rules.staff_limits import SETUP_HOURS

MOST_LISTED = 500


class NameTaken(CarelaneError):
    """An account bears this name already."""

    code = "name_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An account as it is listed."""

    id: uuid.UUID
    name: str
    role: str
    created_at: datetime
    created_by: str
    enrolled_at: datetime | None
    disabled_at: datetime | None
    setup_ends_at: datetime | None

    def to_json(self) -> dict[str, object]:
        return as_document(self) | {"id": str(self.id)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as signing in needs it; `setup_hash` is None once its time is over."""

    id: uuid.UUID
    name: str
    role: str
    password_hash: str | None = field(repr=False)
    totp_sealed: bytes | None = field(repr=False)
    totp_step: int
    enrolled_at: datetime | None
    disabled_at: datetime | None
    setup_hash: bytes | None = field(repr=False)

    @property
    def can_sign_in(self) -> bool:
        return self.enrolled_at is not None and self.disabled_at is None


def add(conn: Connection, name: str, role: str, *, actor: str, lookup_key: bytes) -> str:
    """Make an account and return its setup code, which is kept nowhere. Raises NameTaken."""
    code = staff_secrets.new_token()
    given = {"name": name, "role": role, "actor": actor} | _setup(lookup_key, code)
    if conn.execute(load("staff")["add"], given).fetchone() is None:
        raise NameTaken(f"an account named {name} is there already")
    audit.record(conn, actor=actor, act="staff.added", object=f"staff:{name}", after={"role": role})
    return code


def listing(conn: Connection) -> list[Listed]:
    return [Listed(**row) for row in conn.execute(load("staff")["list"], {"most": MOST_LISTED})]


def find(conn: Connection, name: str) -> Account | None:
    """Locked until the caller's transaction ends."""
    row = conn.execute(load("staff")["account"], {"name": name}).fetchone()
    return None if row is None else Account(**row)


def disable(conn: Connection, name: str, *, actor: str, reason: str) -> None:
    """It ends the account's sessions with the commit. Raises NotFound."""
    account = _existing(conn, name)
    conn.execute(load("staff")["disable"], {"id": account.id})
    staff_sessions.end_all(conn, account.id)
    audit.record(conn, actor=actor, act="staff.disabled", object=f"staff:{name}", reason=reason)


def reset(conn: Connection, name: str, *, actor: str, reason: str, lookup_key: bytes) -> str:
    """Forget password, one-time secret, recovery codes and sessions, and return a new setup code. Raises NotFound.

    One that was disabled is open again by it.
    """
    account = _existing(conn, name)
    code = staff_secrets.new_token()
    conn.execute(load("staff")["reset"], {"id": account.id} | _setup(lookup_key, code))
    conn.execute(load("staff")["drop_recovery_codes"], {"id": account.id})
    staff_sessions.end_all(conn, account.id)
    before = {"enrolled": account.enrolled_at is not None, "disabled": account.disabled_at is not None}
    audit.record(conn, actor=actor, act="staff.reset", object=f"staff:{name}", reason=reason, before=before)
    return code


def change_role(conn: Connection, name: str, role: str, *, actor: str, reason: str) -> None:
    """It holds from the next request on. Raises NotFound."""
    account = _existing(conn, name)
    conn.execute(load("staff")["change_role"], {"id": account.id, "role": role})
    told = {"before": {"role": account.role}, "after": {"role": role}}
    audit.record(conn, actor=actor, act="staff.role_changed", object=f"staff:{name}", reason=reason, **told)


def link(conn: Connection, name: str, subject: str, *, actor: str, reason: str) -> None:
    """Whom the OpenID provider calls so, signs in as this account from now on. Raises NotFound, NameTaken."""
    account = _existing(conn, name)
    if conn.execute(load("staff")["link"], {"id": account.id, "subject": subject}).fetchone() is None:
        raise NameTaken("another account is linked to this subject")
    after = {"subject": subject}
    audit.record(conn, actor=actor, act="staff.linked", object=f"staff:{name}", reason=reason, after=after)


def find_linked(conn: Connection, subject: str) -> Account | None:
    row = conn.execute(load("staff")["linked"], {"subject": subject}).fetchone()
    return None if row is None else find(conn, row["name"])


def _existing(conn: Connection, name: str) -> Account:
    account = find(conn, name)
    if account is None:
        raise NotFound(f"no account is named {name}")
    return account


def _setup(lookup_key: bytes, code: str) -> dict[str, object]:
    return {"setup_hash": staff_secrets.token_hash(lookup_key, "setup", code), "setup_hours": SETUP_HOURS}
