"""The access call answers whatever is down: the last known answer, else the safe default, and never nothing."""

import base64
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import psycopg
import pytest
from psycopg.rows import dict_row

from shared import crypto, db, people, tokens
from shared.migrations import migrate
from shared.people import Link, Person
from shared.rules.people_words import LINE_988
from shared.rules.standing import Policy
from shared.rules.tiers import CRISIS_SET
from shared.tokens import Wanted
from tests.factories.facts import placed
from tests.factories.identities import SECRET, token
from tests.integration.api.store_faults import (
    both_frozen,
    both_stopped,
    postgres_frozen,
    postgres_out_of_connections,
    postgres_stopped,
    valkey_frozen,
    valkey_out_of_connections,
    valkey_stopped,
)
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.people.conftest import ago, insert
from tests.integration.webhook.conftest import serving
from tests.running import Servers, until

# No figure is asserted; a caller who gives up after so long would not have been answered by a call that hangs.
PATIENCE_SECONDS = 2.0
ASKED = 12
UNKNOWN_TOKEN = tokens.new_secret(LOOKUP_KEY)  # nobody has checked this one before


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("faulty"))
    migrate(servers.database_url)
    with psycopg.connect(servers.database_url, autocommit=True) as conn:
        # No superuser: those are let in however many connections there are.
        conn.execute("CREATE ROLE door LOGIN PASSWORD 'test'")
        conn.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO door")
        conn.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO door")
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def secret(servers):
    """A service's token; person `p` is a subscriber."""
    with db.connect(servers.database_url, name="test") as conn:
        wanted = Link(person=Person(user_id="p"), stripe_customer_id="cus_1")
        people.link(conn, wanted, actor="test", lookup_key=LOOKUP_KEY, policy=Policy())
        made = tokens.create(conn, Wanted("backend", tokens.SCOPES), actor="test", lookup_key=LOOKUP_KEY)
        moved = placed(
            "basil/customer.subscription.updated",
            id="evt_1",
            created=int(ago(days=3).timestamp()),
            **{"data.object.status": "active", "data.object.items.data.0.price.lookup_key": "premium"},
        )
        insert(conn, "sub_1", [moved], customer="cus_1")
    return made.secret


class Door:
    def __init__(self, served):
        self.served = served

    def ask(self, method, path, bearer, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body and json.dumps(body), {"Authorization": f"Bearer {bearer}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def access(self, bearer, user_id="p"):
        status, document = self.ask("GET", f"/api/access/{user_id}", bearer)
        assert status == 200
        assert set(CRISIS_SET) <= set(document["features"])
        assert document["emergencyFeatures"]["hotlineQuickDial"]
        return document

    def page(self, bearer):
        """A person's own page, as a browser of the application opens it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/account", headers={"Authorization": f"Bearer {bearer}"})
            answer = connection.getresponse()
            assert answer.status == 200
            return answer.read().decode()
        finally:
            connection.close()

    def known(self, bearer):
        """Of a machine that is too slow for a moment the door gives an answer about nobody."""
        return until(lambda: found if (found := self.access(bearer))["userId"] else None)

    def is_live(self, bearer):
        return not self.access(bearer)["degraded"]


@pytest.fixture
def open_door(servers, tmp_path):
    key = base64.b64encode(crypto.public_key_of(crypto.new_private_key())).decode()
    environ = {
        "DATABASE_URL": f"postgresql://door:test@127.0.0.1:{servers.postgres_port}/carelane",
        "REDIS_URL": servers.redis_url,
        "CARELANE_HOME": str(tmp_path / "home"),
        "CARELANE_LOOKUP_KEY": base64.b64encode(LOOKUP_KEY).decode(),
        "CARELANE_SEAL_PUBLIC_KEY": key,
        "CARELANE_SUPABASE_JWT_SECRET": SECRET,
    }

    @contextmanager
    def opened():
        with serving("ingress.api.door", tmp_path / "log", **environ) as served:
            yield Door(served)
        assert "Traceback" not in (tmp_path / "log").read_text()

    return opened


@pytest.mark.parametrize(
    "fault", [postgres_stopped, postgres_frozen, postgres_out_of_connections, both_frozen, both_stopped]
)
def test_the_last_known_answer_is_given_while_the_database_is_away(open_door, servers, secret, fault):
    with open_door() as door:
        until(lambda: door.is_live(secret))
        with fault(servers):
            answers = [door.known(secret) for _ in range(ASKED)] + [door.known(token())]
            assert {(one["degraded"], one["accessLevel"], one["tier"]) for one in answers} == {
                (True, "full", "premium")
            }
            stranger = door.access(secret, "somebody-never-asked-about")
            assert (stranger["degraded"], stranger["accessLevel"]) == (True, "crisis_only")
            unchecked = door.access(UNKNOWN_TOKEN)
            assert (unchecked["degraded"], unchecked["userId"], unchecked["tier"]) == (True, None, "none")
            for page in (door.page(token()), door.page(token())):
                assert LINE_988 in page
                assert "Your plan is open." in page  # as it was known
        until(lambda: door.is_live(secret))
        assert door.ask("GET", "/api/access/p", UNKNOWN_TOKEN)[1]["code"] == "INVALID_TOKEN"


@pytest.mark.parametrize("fault", [both_stopped, both_frozen])
def test_what_was_known_survives_a_restart_with_both_stores_gone(open_door, servers, secret, fault):
    with open_door() as door:
        until(lambda: door.is_live(secret))
    with fault(servers), open_door() as door:
        for bearer in (secret, token()):
            document = door.known(bearer)
            assert (document["degraded"], document["accessLevel"]) == (True, "full")
        assert door.access(token(sub="q"), "q")["accessLevel"] == "crisis_only"
        assert door.access(UNKNOWN_TOKEN)["userId"] is None


def test_access_waits_for_no_other_call(open_door, servers, secret):
    """All threads of the other calls wait for a frozen database; they are answered in the end, and say so."""
    with open_door() as door, ThreadPoolExecutor(16) as threads:
        until(lambda: door.is_live(secret))
        door.ask("GET", "/api/payment-status/p", secret)
        with postgres_frozen(servers):
            others = [threads.submit(_payment_status, door, secret) for _ in range(16)]
            for _ in range(ASKED):
                assert door.access(secret)["degraded"]
            assert not all(other.done() for other in others)
            answers = [other.result() for other in others]
        told = {answer for answer in answers if answer is not None}
        assert told <= {(503, "UNAVAILABLE"), (500, "PROCESSING_ERROR")}


def _payment_status(door, secret):
    """None when it took longer than this caller's patience."""
    with suppress(TimeoutError):
        status, document = door.ask("GET", "/api/payment-status/p", secret)
        return status, document["code"]
    return None


@pytest.mark.parametrize("fault", [valkey_stopped, valkey_frozen, valkey_out_of_connections])
def test_without_a_broker_crises_open_and_access_is_computed(open_door, servers, secret, fault):
    with open_door() as door, psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as conn:
        until(lambda: door.is_live(secret))
        with fault(servers):
            given = {"userId": "p", "source": "button", "severity": "severe"}
            status, opened = door.ask("POST", "/api/crisis", secret, given)
            assert status in {200, 201}
            until(lambda: door.is_live(secret) and door.access(secret)["crisis"]["active"])
        conn.execute("UPDATE crises SET resolved_at = now() WHERE id = %s", [opened["crisisId"]])
