"""Sessions of staff: kept on the server under a keyed hash, ended by time, by leaving, and with the account."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from shared import audit
from shared.db import Connection
from shared.queries import load
from shared.rules.staff_limits import SessionRule
from shared.rules.staff_roles import allowed
from shared.staff_secrets import new_token, token_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is at work, and until when at most; `glass_until`: as long as more is open to them than to their role."""

    id: uuid.UUID
    name: str
    role: str
    begun_at: datetime
    ends_at: datetime
    glass_until: datetime | None

    @property
    def actor(self) -> str:
        return f"staff:{self.name}"

    @property
    def acts(self) -> frozenset[str]:
        return allowed(self.role, glass_broken=self.glass_until is not None)


def begin(conn: Connection, staff_id: uuid.UUID, *, rule: SessionRule, lookup_key: bytes) -> str:
    """A new token each time: one that somebody planted before the sign-in opens nothing after it.

    Nor does what was opened beyond the role in a session before, which may have ended by itself.
    """
    token = new_token()
    sql = load("staff_sessions")
    conn.execute(sql["forget_ended"])
    conn.execute(sql["end_glass"], {"id": staff_id})
    given = {"token_hash": token_hash(lookup_key, "session", token), "id": staff_id, "hours": rule.hours}
    conn.execute(sql["begin"], given)
    return token


def find(conn: Connection, token: str, *, rule: SessionRule, lookup_key: bytes, is_work: bool = True) -> Session | None:
    """A page that renews itself is no work: nobody may be sitting before it, so it keeps no session alive."""
    sql, hashed = load("staff_sessions"), token_hash(lookup_key, "session", token)
    row = conn.execute(sql["find"], {"token_hash": hashed, "idle_minutes": rule.idle_minutes}).fetchone()
    if row is None:
        return None
    if row.pop("is_due") and is_work:
        conn.execute(sql["touch"], {"token_hash": hashed})
    return Session(**row)


def end(conn: Connection, token: str, *, lookup_key: bytes) -> None:
    """One that is not there is ended already."""
    conn.execute(load("staff_sessions")["end"], {"token_hash": token_hash(lookup_key, "session", token)})


def end_all(conn: Connection, staff_id: uuid.UUID) -> None:
    """With what they had opened beyond their role."""
    for name in ("end_all", "end_glass"):
        conn.execute(load("staff_sessions")[name], {"id": staff_id})


def sign_out(conn: Connection, session: Session, token: str, *, lookup_key: bytes) -> None:
    end(conn, token, lookup_key=lookup_key)
    conn.execute(load("staff_sessions")["end_glass"], {"id": session.id})
    audit.record(conn, actor=session.actor, act="staff.signed_out", object=session.actor)
