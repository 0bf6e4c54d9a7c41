"""Signing in: a password and a one-time code at once, so that nobody learns which of the two was wrong."""

from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, staff, staff_secrets, staff_sessions, staff_tries
from shared.db import Connection
from shared.errors import IntegrityError
from shared.queries import load
from shared.rules.staff_limits import SessionRule
from shared.staff import Account
from shared.staff_tries import Try


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What signing in works by."""

    rule: SessionRule
    lookup_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What was typed; `code` is a one-time or a recovery code."""

    name: str
    password: str = field(repr=False)
    code: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    account: Account
    token: str = field(repr=False)
    recovery_used: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """`code`: wrong, or too_many. The caller commits it: it counts."""

    code: str


def sign_in(conn: Connection, given: Credentials, terms: Terms, *, now: datetime) -> SignedIn | Refused:
    tried = Try(name=given.name, source=given.source, lookup_key=terms.lookup_key)
    if not staff_tries.is_allowed(conn, tried):
        return Refused("too_many")
    account = staff.find(conn, given.name)
    usable = account if account is not None and account.can_sign_in else None
    # The password is always judged, and the code only after it: a code works once and must not be spent on a guess.
    is_right = staff_secrets.is_password(usable.password_hash if usable else None, given.password)
    means = usable and is_right and use_code(conn, usable, given.code, terms.lookup_key, now=now)
    if not usable or not means:
        staff_tries.failed(conn, tried, act="staff.sign_in_refused", is_known=account is not None)
        return Refused("wrong")
    staff_tries.forgive(conn, tried)
    if usable.password_hash is not None and staff_secrets.is_outdated(usable.password_hash):
        fresh = staff_secrets.hash_password(given.password)
        conn.execute(load("staff")["renew_hash"], {"id": usable.id, "password_hash": fresh})
    token = staff_sessions.begin(conn, usable.id, rule=terms.rule, lookup_key=terms.lookup_key)
    after = {"source": given.source, "by": means}
    name = f"staff:{usable.name}"
    audit.record(conn, actor=name, act="staff.signed_in", object=name, after=after)
    return SignedIn(usable, token, recovery_used=means == "recovery code")


def sign_in_vouched(conn: Connection, subject: str, terms: Terms, *, source: str) -> SignedIn | Refused:
    """By the word of the OpenID provider, for an account that is linked to this subject and not disabled."""
    account = staff.find_linked(conn, subject)
    name = "staff:unknown" if account is None else f"staff:{account.name}"
    told = {"source": source, "by": "single sign-on"}
    if account is None or account.disabled_at is not None:
        audit.record(conn, actor="door:app", act="staff.sign_in_refused", object=name, after=told)
        return Refused("wrong")
    audit.record(conn, actor=name, act="staff.signed_in", object=name, after=told)
    return SignedIn(account, staff_sessions.begin(conn, account.id, rule=terms.rule, lookup_key=terms.lookup_key))


def use_code(conn: Connection, account: Account, typed: str, lookup_key: bytes, *, now: datetime) -> str | None:
    """By what means it is good, and then it is used up; None when it is not."""
    sql = load("staff")
    if account.totp_sealed is None:
        return None
    try:
        secret = staff_secrets.unseal(lookup_key, account.id, account.totp_sealed)
    except IntegrityError:
        audit.record(conn, actor="door:app", act="staff.secret_damaged", object=f"staff:{account.name}")
        return None
    step = staff_secrets.step_of(secret, typed, now)
    if step is not None:
        used = conn.execute(sql["use_step"], {"id": account.id, "step": step}).fetchone()
        return "one-time code" if used else None
    code_hash = staff_secrets.recovery_hash(lookup_key, account.id, typed)
    if code_hash is None:
        return None
    used = conn.execute(sql["use_recovery_code"], {"id": account.id, "code_hash": code_hash}).fetchone()
    return "recovery code" if used else None
