"""The console over a real database, and members of staff who sit before it."""

import pytest
from flask import Flask

from ingress.console.blueprint import console
from ingress.console.house import House
from tests.integration.cli.conftest import bury, keep, many  # noqa: F401 - fixtures
from tests.integration.cloning import cloned, empty
from tests.integration.console.clerk import ORIGIN, Clerk
from tests.integration.staff import conftest as staff_conftest
from tests.integration.staff.conftest import TERMS, hired  # noqa: F401 - a fixture

TABLES = (
    "staff_act_items", "staff_acts", "event_bodies", "attempts", "deliveries", "transitions", "facts", "subjects",
    "effects", "events", "payout_links", "payouts", "crises", "emergency_access", "emergency_codes", "access_told",
    "customers", "people", "data_keys", "heartbeats", "guards", *staff_conftest.TABLES,
)  # fmt: skip


@pytest.fixture(scope="module")
def database_url(postgres_port, template_database):
    with cloned(postgres_port, template_database) as url:
        yield url


@pytest.fixture(autouse=True)
def emptied(database_url):
    """Nothing of the test before."""
    empty(database_url, TABLES)


@pytest.fixture
def settled():
    """Whom the workers were told of."""
    return []


@pytest.fixture
def house(pool, settings, settled):
    return House(
        transaction=pool.transaction,
        terms=TERMS,
        origins=[ORIGIN],
        settings=settings,
        settle=lambda person, _waiting: settled.append(person),
        step_seconds=0,  # one batch a request, so that a test stands between two of them
    )


@pytest.fixture
def app(house):
    made = Flask(__name__, static_folder=None)
    made.register_blueprint(console(house))
    return made


@pytest.fixture
def sits(app, hired):  # noqa: F811
    def sit(role="operator", name="ann"):
        return Clerk(app, hired(role, name))

    return sit
