"""Emergency access: opened for a reason, or with a code that somebody was given and that works once."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared import access_changes, audit, counts, crypto, held_access, people
from shared.db import Connection
from shared.queries import load
from shared.rules.emergency import ALPHABET, BY_CODE, CODE_LENGTH, EmergencyRule, level_for, normal, readable
from shared.rules.standing import Level, Policy
from shared.waiting import move_waiting

OPENED = "emergency_access.opened"


@dataclass(frozen=True, slots=True)
class Opened:
    """`is_new` False: it was open for that reason already. `waiting`: the rows to ring for once committed."""

    level: Level
    ends_at: datetime
    is_new: bool = True
    waiting: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """No emergency access was opened; `retry_after_seconds` where too many wrong codes were tried."""

    code: str
    retry_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """The code is shown this once and kept nowhere."""

    code: str = field(repr=False)
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the emergency access works by."""

    policy: Policy
    rule: EmergencyRule
    lookup_key: bytes = field(repr=False)


def begin(conn: Connection, user_id: str, reason: str, *, actor: str, terms: Terms) -> Opened:
    """Open it for one of the reasons; asked again while it is open, it stays as it is. Raises NotFound."""
    has, sql = held_access.now(conn, user_id, terms.policy), load("emergency")
    conn.execute(sql["one_opening"], {"user_id": user_id})
    stands = conn.execute(sql["standing"], {"user_id": user_id, "reason": reason}).fetchone()
    if stands is not None:
        return Opened(stands["level"], stands["ends_at"], is_new=False)
    given: dict[str, Any] = {"reason": reason, "level": level_for(reason, has=has.level), "hours": terms.rule.hours}
    return _open(conn, user_id, given | {"tier": has.tier, "actor": actor}, terms)


def redeem(conn: Connection, user_id: str, typed: str, *, actor: str, terms: Terms) -> Opened | Refused:
    """Open it with a one-time code. The caller commits a refusal too: it counts. Raises NotFound."""
    has, sql, rule = held_access.now(conn, user_id, terms.policy), load("emergency"), terms.rule
    person = {"user_id": user_id, "window_minutes": rule.window_minutes}
    conn.execute(sql["one_at_a_time"], person)
    conn.execute(sql["forget_wrong"], person)
    lately = conn.execute(sql["wrong_lately"], person).fetchone() or {"tries": 0, "seconds_left": 0}
    if lately["tries"] >= rule.wrong_codes:
        return Refused("too_many_codes", max(1, lately["seconds_left"]))
    code = normal(typed)
    used = code and conn.execute(sql["use_code"], {"code_hash": _hash(terms, user_id, code)}).fetchone()
    if not used:
        return _refuse(conn, user_id, actor=actor, is_last=lately["tries"] + 1 == rule.wrong_codes)
    audit.record(conn, actor=actor, act="emergency_code.used", object=f"person:{user_id}")
    level = level_for(BY_CODE, has=has.level, code_gives=used["level"])
    given = {"reason": BY_CODE, "level": level, "hours": used["hours"], "tier": has.tier, "actor": actor}
    return _open(conn, user_id, given, terms)


def issue_code(conn: Connection, user_id: str, *, actor: str, terms: Terms, level: Level = "full") -> Issued:
    """A code for one person, to be told them by somebody; only its hash is kept. Raises NotFound."""
    people.require(conn, user_id)
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    parameters = {
        "code_hash": _hash(terms, user_id, code),
        "user_id": user_id,
        "level": level,
        "hours": terms.rule.hours,
        "valid_hours": terms.rule.code_valid_hours,
        "actor": actor,
    }
    row = conn.execute(load("emergency")["issue_code"], parameters).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    audit.record(conn, actor=actor, act="emergency_code.issued", object=f"person:{user_id}", after={"level": level})
    return Issued(readable(code), row["valid_until"])


def _refuse(conn: Connection, user_id: str, *, actor: str, is_last: bool) -> Refused:
    """That no more are looked at is written down once: what is refused after it must not fill the trail."""
    conn.execute(load("emergency")["note_wrong"], {"user_id": user_id})
    for act in ("emergency_code.refused", *(["emergency_code.shut"] if is_last else [])):
        audit.record(conn, actor=actor, act=act, object=f"person:{user_id}")
    return Refused("wrong_code")


def _open(conn: Connection, user_id: str, given: dict[str, Any], terms: Terms) -> Opened:
    row = conn.execute(load("emergency")["open"], {"user_id": user_id, **given}).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    counts.EMERGENCIES.labels(given["reason"]).inc()
    after = {"reason": given["reason"], "level": row["level"], "hours": given["hours"]}
    audit.record(conn, actor=given["actor"], act=OPENED, object=f"person:{user_id}", after=after)
    waiting = move_waiting(conn, user_id)
    access_changes.refresh_or_owe(conn, user_id, terms.policy)
    return Opened(row["level"], row["ends_at"], waiting=waiting)


def _hash(terms: Terms, user_id: str, code: str) -> bytes:
    """Keyed: without the key nobody can go through all codes and compare; bound to the person it was made for."""
    return crypto.lookup_hash(terms.lookup_key, "emergency-code", f"{user_id}\0{code}".encode())
