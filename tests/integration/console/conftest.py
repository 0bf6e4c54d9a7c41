"""The console over a real database, and members of staff who sit before it."""

import pytest
from flask import Flask

from ingress.console.blueprint import console
from ingress.console.house import House
from shared import staff_sessions
from tests.browser.console_house import furnish
from tests.integration.cli.conftest import bury, keep, many  # noqa: F401 - fixtures
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.console.clerk import ORIGIN, Clerk
from tests.integration.one_database import database_url, emptied  # noqa: F401 - fixtures
from tests.integration.staff import conftest as staff_conftest
from tests.integration.staff.conftest import TERMS

ENROLLED = """INSERT INTO staff (name, role, created_by, password_hash, totp_sealed, enrolled_at)
    VALUES (%s, %s, 'test', 'x', 'x', now()) RETURNING id"""
TABLES = (
    "staff_comparisons", "staff_looks", "staff_act_items", "staff_acts", "event_bodies", "attempts", "deliveries",
    "transitions", "facts", "subjects", "effects", "events", "payout_links", "payouts", "crises",
    "emergency_access", "emergency_codes", "access_told", "customers", "people", "data_keys", "heartbeats", "guards",
    "event_hours",
    *staff_conftest.TABLES,
)  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return TABLES


@pytest.fixture
def settled():
    """Whom the workers were told of."""
    return []


@pytest.fixture
def stands():
    """How Stripe stands, as the broker knows it."""
    return [None]


@pytest.fixture
def house(pool, settings, settled, stands):
    return House(
        transaction=pool.transaction,
        terms=TERMS,
        origins=[ORIGIN],
        settings=settings,
        settle=lambda person, _waiting: settled.append(person),
        stripe=lambda: stands[0],
        step_seconds=0,  # one batch a request, so that a test stands between two of them
    )


@pytest.fixture
def app(house):
    made = Flask(__name__, static_folder=None)
    made.register_blueprint(console(house))
    return made


@pytest.fixture
def sits(app, pool):
    """Somebody who is signed in; how one signs in is told elsewhere (tests/integration/staff)."""

    def sit(role="operator", name="ann"):
        with pool.transaction() as conn:
            staff_id = conn.execute(ENROLLED, [name, role]).fetchone()["id"]
            token = staff_sessions.begin(conn, staff_id, rule=TERMS.rule, lookup_key=LOOKUP_KEY)
        return Clerk(app, staff_id, token)

    return sit


@pytest.fixture
def comes_back(pool):
    """A new session of somebody whose last one has ended."""

    def come(clerk):
        with pool.transaction() as conn:
            clerk.holds(staff_sessions.begin(conn, clerk.staff_id, rule=TERMS.rule, lookup_key=LOOKUP_KEY))

    return come


@pytest.fixture
def furnished(conn):
    """A house with people, events, dead letters and payouts in it, of which row 156 is a dead letter."""
    conn.execute("ALTER TABLE events ALTER COLUMN id RESTART")
    furnish(conn)
