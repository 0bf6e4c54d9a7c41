"""The application door over real stores, called as a service or as a person would."""

import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry

from ingress.api.app import Door, create_app
from ingress.api.making import make
from ingress.api.metrics import Metrics
from shared import status, tokens
from shared.tokens import SCOPES, Wanted
from tests.factories.identities import SECRET, token
from tests.integration.cli.conftest import bury, keep, many  # noqa: F401 - fixtures
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import subscribed  # noqa: F401 - a fixture


class Caller:
    """Somebody with a token; each call gives (status, document)."""

    def __init__(self, client, header):
        self._client = client
        self.headers = {} if header is None else {"Authorization": f"Bearer {header}"}
        self.last = None

    def _call(self, method, path, body=None, key=None, **query):
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        data = None if body is None else json.dumps(body)
        self.last = self._client.open(path, method=method, data=data, headers=headers, query_string=query)
        return self.last.status_code, self.last.get_json(force=True)

    def get(self, path, **query):
        return self._call("GET", path, **query)

    def post(self, path, body, key=None):
        return self._call("POST", path, body, key)

    def put(self, path, body, key=None):
        return self._call("PUT", path, body, key)


@pytest.fixture
def rung():
    return []


@pytest.fixture
def made(settings, pool, tmp_path, rung):
    """What the door works with; whom it would ring for is written down instead."""
    own = replace(settings, home=tmp_path, supabase_jwt_secret=SECRET)
    made = make(own, pool, access_threads=4)
    # A machine that runs many tests at once may be slow; what is asserted here is what is answered, not when.
    yield replace(made, workings=replace(made.workings, ring=lambda rows, urgency: rung.append((tuple(rows), urgency))))
    made.close()


@pytest.fixture
def client(made, pool):
    def read():
        with pool.transaction() as conn:
            return status.read(conn)

    door = Door(
        database_answers=lambda: None, status=read, metrics=Metrics(CollectorRegistry()), workings=made.workings
    )
    return create_app(door).test_client()


@pytest.fixture
def service(client, pool):
    """A service with these scopes, or all."""
    numbers = itertools.count(1)

    def make_one(*scopes):
        with pool.transaction() as conn:
            wanted = Wanted(f"service-{next(numbers)}", scopes or SCOPES)
            created = tokens.create(conn, wanted, actor="test", lookup_key=LOOKUP_KEY)
        return Caller(client, created.secret)

    return make_one


@pytest.fixture
def backend(service):
    return service()


@pytest.fixture
def person(client):
    def make_one(user_id="p", **changes):
        return Caller(client, token(sub=user_id, **changes))

    return make_one


@pytest.fixture
def nobody(client):
    return Caller(client, None)


@pytest.fixture
def known(backend):
    """A person with a Stripe customer, made known through the door."""
    assert backend.put("/api/people/p", {"stripeCustomerId": "cus_1"})[0] == 201
    return "p"


@pytest.fixture
def audited(conn):
    def acts(prefix=""):
        rows = conn.execute("SELECT actor, act, object FROM audit WHERE starts_with(act, %s) ORDER BY id", [prefix])
        return [(row["actor"], row["act"], row["object"]) for row in rows.fetchall()]

    return acts


def later(**parts):
    return (datetime.now(UTC) + timedelta(**parts)).isoformat().replace("+00:00", "Z")
