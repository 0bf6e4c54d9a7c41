"""A person's page over real stores, opened as their browser does."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask

from ingress.account.blueprint import account
from ingress.account.house import House
from ingress.account.sessions import Seal
from shared.access_answer import AccessAnswers, Limits
from shared.access_cache import AccessCache
from shared.errors import TransientError
from tests.factories.identities import token
from tests.integration.api.conftest import made, rung  # noqa: F401 - fixtures
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.one_database import database_url, emptied  # noqa: F401 - fixtures
from tests.integration.people.conftest import link, subscribed  # noqa: F401 - fixtures

ORIGIN = "https://care.example.org"
APPLICATION = "https://app.example.org"
TABLES = (
    "emergency_access", "emergency_codes", "wrong_emergency_codes", "access_told", "crises", "notices", "effects",
    "transitions", "facts", "subjects", "customers", "people", "audit_links", "audit_unsealed", "audit",
)  # fmt: skip
COOKIE = "__Host-carelane-account"


class Clock:
    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.ahead


class Browser:
    """Keeps cookies, reads the hidden fields of a page, and sends its forms as a browser does."""

    def __init__(self, app, languages="en"):
        self.client = app.test_client()
        self.languages = languages
        self.page = None

    def open(self, path="/account", **headers):
        headers = {"Accept-Language": self.languages} | {name.title(): text for name, text in headers.items()}
        return self._read(self.client.get(path, base_url=ORIGIN, headers=headers))

    def hand_over(self, given=None, origin=APPLICATION, **fields):
        """As the application's own page does it."""
        headers = {} if origin is None else {"Origin": origin}
        data = {"token": token() if given is None else given} | fields
        return self._read(self.client.post("/account/session", base_url=ORIGIN, data=data, headers=headers))

    def send(self, action, origin=ORIGIN, **fields):
        """The first form of the page with this action, with its hidden fields."""
        form = re.search(rf'<form method="post" action="{action}">(.*?)</form>', self.page.text, re.DOTALL)
        hidden = {n: unescape(v) for n, v in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[1])}
        data = hidden | fields
        return self._read(self.client.post(action, base_url=ORIGIN, data=data, headers={"Origin": origin}))

    def cookie(self):
        return self.client.get_cookie(COOKIE, domain="care.example.org")

    def _read(self, answer):
        answer.get_data()
        answer.close()
        if answer.status_code != 303:
            self.page = answer
        return answer


class Away:
    """PostgreSQL, when it does not answer."""

    def __init__(self, pool):
        self.pool = pool
        self.is_away = False

    def transaction(self):
        if self.is_away:
            raise TransientError("away", code="database_away")
        return self.pool.transaction()


@pytest.fixture(scope="module")
def tables():
    return TABLES


@pytest.fixture
def stores(pool):
    return Away(pool)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(made, stores, tmp_path, clock):  # noqa: F811
    workings = replace(made.workings, transaction=stores.transaction)
    cache = AccessCache(tmp_path / "pages.sqlite", LOOKUP_KEY)
    # A machine that runs many tests at once may be slow; what is asserted here is what is shown, not when.
    answers = AccessAnswers(stores, cache, workings.policy, limits=Limits(budget_seconds=20, quiet_seconds=0.01))
    house = House(
        workings=workings,
        answers=answers,
        seal=Seal(LOOKUP_KEY),
        origins=[ORIGIN],
        application=[APPLICATION],
        plan_url=f"{APPLICATION}/plan",
        clock=clock,
    )
    yield house
    answers.close()
    cache.close()


@pytest.fixture
def app(house):
    made_app = Flask(__name__, static_folder=None)
    made_app.register_blueprint(account(house))
    return made_app


@pytest.fixture
def browser(app):
    return Browser(app)


@pytest.fixture
def signed_in(browser):
    assert browser.hand_over().status_code == 303
    return browser
