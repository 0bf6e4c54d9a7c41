"""Enrolling: with a setup code that works once, a person gets a secret for codes, shows one, sets a password."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared import audit, staff, staff_secrets, staff_sessions, staff_tries
from shared.db import Connection
from shared.queries import load
from shared.rules.staff_limits import RECOVERY_CODES, weakness
from shared.staff import Account
from shared.staff_sign_in import Refused, Terms
from shared.staff_tries import Try


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What was typed to begin with."""

    name: str
    code: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The secret is shown in this answer alone."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The recovery codes are shown in this answer alone."""

    token: str = field(repr=False)
    recovery_codes: Sequence[str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Weak:
    """The password cannot be taken; nothing was changed."""

    why: str


def begin(conn: Connection, setup: Setup, terms: Terms) -> Begun | Refused:
    """Begun again, it makes another secret, and the one before counts for nothing."""
    account = _invited(conn, setup, terms)
    if isinstance(account, Refused):
        return account
    secret = staff_secrets.new_totp_secret()
    sealed = staff_secrets.seal(terms.lookup_key, account.id, secret)
    conn.execute(load("staff")["keep_secret"], {"id": account.id, "sealed": sealed})
    return Begun(secret, staff_secrets.totp_uri(secret, account.name))


def finish(  # noqa: PLR0913 - what was typed in two forms, the terms and the clock
    conn: Connection, setup: Setup, *, password: str, code: str, terms: Terms, now: datetime
) -> Enrolled | Weak | Refused:
    account = _invited(conn, setup, terms)
    if isinstance(account, Refused):
        return account
    if (why := weakness(password, account.name)) is not None:
        return Weak(why)
    sealed = account.totp_sealed
    secret = None if sealed is None else staff_secrets.unseal(terms.lookup_key, account.id, sealed)
    step = None if secret is None else staff_secrets.step_of(secret, code, now)
    if step is None:
        return _refused(conn, setup, terms, is_known=True)
    sql = load("staff")
    conn.execute(sql["use_step"], {"id": account.id, "step": step})
    conn.execute(sql["enrol"], {"id": account.id, "password_hash": staff_secrets.hash_password(password)})
    codes = _recovery_codes(conn, account, terms)
    name = f"staff:{account.name}"
    audit.record(conn, actor=name, act="staff.enrolled", object=name, after={"source": setup.source})
    return Enrolled(staff_sessions.begin(conn, account.id, rule=terms.rule, lookup_key=terms.lookup_key), codes)


def _invited(conn: Connection, setup: Setup, terms: Terms) -> Account | Refused:
    if not staff_tries.is_allowed(conn, _try(setup, terms)):
        return Refused("too_many")
    account = staff.find(conn, setup.name)
    typed = staff_secrets.token_hash(terms.lookup_key, "setup", setup.code)
    kept = account.setup_hash if account is not None and account.disabled_at is None else None
    if account is None or kept is None or not hmac.compare_digest(kept, typed):
        return _refused(conn, setup, terms, is_known=account is not None)
    return account


def _recovery_codes(conn: Connection, account: Account, terms: Terms) -> Sequence[str]:
    codes = staff_secrets.new_recovery_codes(RECOVERY_CODES)
    hashes = [staff_secrets.recovery_hash(terms.lookup_key, account.id, code) for code in codes]
    conn.execute(load("staff")["drop_recovery_codes"], {"id": account.id})
    conn.execute(load("staff")["keep_recovery_codes"], {"id": account.id, "hashes": hashes})
    return codes


def _refused(conn: Connection, setup: Setup, terms: Terms, *, is_known: bool) -> Refused:
    staff_tries.failed(conn, _try(setup, terms), act="staff.enrolment_refused", is_known=is_known)
    return Refused("wrong")


def _try(setup: Setup, terms: Terms) -> Try:
    return Try(name=setup.name, source=setup.source, lookup_key=terms.lookup_key)
