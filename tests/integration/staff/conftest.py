"""Accounts of staff over a real database, and a telephone that makes their codes."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from shared import staff, staff_enrolment, staff_sign_in
from shared.rules.staff_limits import SessionRule
from shared.staff_enrolment import Setup
from shared.staff_sign_in import Credentials, Terms
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.one_database import database_url, emptied  # noqa: F401 - fixtures

PASSWORD = "correct horse battery"
SOURCE = "203.0.113.9"
TERMS = Terms(rule=SessionRule(), lookup_key=LOOKUP_KEY)
TABLES = (
    "staff_sessions", "staff_recovery_codes", "staff_tries", "break_glass", "staff", "notices",
    "audit_links", "audit_unsealed", "audit",
)  # fmt: skip
NOW = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)


@dataclass
class Person:
    """`pool` is theirs for the tests; each code that they read off is of a later time step than the one before."""

    pool: object
    name: str
    secret: str = ""
    recovery_codes: list[str] = field(default_factory=list)
    token: str = ""
    now: datetime = NOW

    def code(self):
        self.now += timedelta(seconds=30)
        return pyotp.TOTP(self.secret).at(self.now)

    def enrol(self, setup_code, password=PASSWORD):
        setup = Setup(name=self.name, code=setup_code, source=SOURCE)
        with self.pool.transaction() as conn:
            begun = staff_enrolment.begin(conn, setup, TERMS)
        self.secret = begun.secret
        code = self.code()
        with self.pool.transaction() as conn:
            done = staff_enrolment.finish(conn, setup, password=password, code=code, terms=TERMS, now=self.now)
        self.token, self.recovery_codes = done.token, list(done.recovery_codes)
        return self

    def sign_in(self, password=PASSWORD, code=None, source=SOURCE, name=None):
        code = self.code() if code is None else code
        given = Credentials(name=name or self.name, password=password, code=code, source=source)
        with self.pool.transaction() as conn:
            return staff_sign_in.sign_in(conn, given, TERMS, now=self.now)


@pytest.fixture(scope="module")
def tables():
    return TABLES


@pytest.fixture
def hired(pool):
    """An account that has enrolled: `hired(role, name)`."""

    def hire(role="operator", name="ann"):
        with pool.transaction() as conn:
            code = staff.add(conn, name, role, actor="cli:test", lookup_key=LOOKUP_KEY)
        return Person(pool, name).enrol(code)

    return hire


@pytest.fixture
def acts(conn):
    def found():
        return [row["act"] for row in conn.execute("SELECT act FROM audit ORDER BY id").fetchall()]

    return found
