"""Comparing with Stripe by a call: asked for here, made by a worker beside a stand-in for Stripe, told here."""

import time
import uuid
from dataclasses import replace

import pytest

from ingress.cli.simulator import shapes
from shared import comparisons
from shared.config import Settings
from shared.inbox import customer_hash
from tests.browser.console_house import CUSTOMER
from tests.integration.conftest import LOOKUP_KEY
from tests.integration.stripe.conftest import faults, stand_in, world  # noqa: F401 - fixtures
from workers import comparing
from workers.stripe_upkeep import Upkeep

PATH = "/api/admin/reconcile"


@pytest.fixture
def clock():
    return time.time


@pytest.fixture
def told():
    return []


@pytest.fixture
def made(made, told):
    return replace(made, workings=replace(made.workings, tell_worker=lambda *told_of: told.append(told_of)))


@pytest.fixture
def worker(pool, settings, stand_in):  # noqa: F811
    values = {name: getattr(settings, name) for name in Settings.__slots__}
    here = {"stripe_api_key": "sk_test_x", "stripe_api_base": stand_in.url, "stripe_rate": 100, "redis_url": None}
    return Upkeep(Settings(**values | here), pool)


@pytest.fixture
def ada(conn):
    """A person with a subscription that Stripe shows as active, and is past due here."""
    conn.execute("INSERT INTO people (user_id) VALUES ('user-ada')")
    hashed = customer_hash(LOOKUP_KEY, CUSTOMER)
    conn.execute("INSERT INTO customers (customer_hash, user_id) VALUES (%s, 'user-ada')", [hashed])
    conn.execute(
        """INSERT INTO subjects (kind, subject_id, livemode, status, state, customer_hash)
        VALUES ('subscription', 'sub_1', false, 'past_due', '{"status": "past_due"}', %s)""",
        [hashed],
    )


@pytest.fixture
def active(world):  # noqa: F811
    created = int(time.time()) - 86_400
    world.put(shapes.subscription("sub_1", created=created, customer=CUSTOMER, status="active"))


def work(told, pool, stripe):
    for task, id_ in told:
        assert task == "carelane.compare"
        assert comparing.compare(pool, uuid.UUID(id_), stripe)


def mends(conn):
    return conn.execute("SELECT count(*) AS n FROM events WHERE type LIKE 'fetched.%'").fetchone()["n"]


@pytest.mark.parametrize("given", [{"userId": "user-ada"}, {"subjectId": "sub_1"}])
def test_what_has_drifted_is_told_and_put_right(backend, ada, active, told, pool, worker, conn, given):
    status, asked = backend.post(PATH, given | {"reason": "their payer asks"})
    assert (status, asked["status"], asked["findings"]) == (202, "waiting", [])
    assert told == [("carelane.compare", asked["id"])]
    work(told, pool, worker)
    status, found = backend.get(f"{PATH}/{asked['id']}")
    assert (status, found["status"], found["known"], found["compared"]) == (200, "done", 1, 1)
    assert [(one["id"], one["drift"], one["mended"]) for one in found["findings"]] == [("sub_1", "status", True)]
    assert mends(conn) == 1
    audited = conn.execute("SELECT DISTINCT actor, reason FROM audit WHERE act = 'reconcile.asked'").fetchall()
    assert audited == [{"actor": "token:service-1", "reason": "their payer asks"}]


def test_a_dry_run_tells_and_changes_nothing(backend, ada, active, told, pool, worker, conn):
    _, asked = backend.post(PATH, {"userId": "user-ada", "dryRun": True})
    work(told, pool, worker)
    _, found = backend.get(f"{PATH}/{asked['id']}")
    assert (found["dryRun"], [one["mended"] for one in found["findings"]]) == (True, [False])
    assert mends(conn) == 0


def test_without_a_key_of_stripes_it_says_so(backend, told, pool):
    _, asked = backend.post(PATH, {"subjectId": "sub_none"})
    work(told, pool, None)
    _, found = backend.get(f"{PATH}/{asked['id']}")
    assert (found["status"], found["refused"]) == ("refused", "no_key")


def test_sent_again_under_its_key_it_is_asked_for_once(backend, told, conn):
    first = backend.post(PATH, {"subjectId": "sub_1"}, key="k-1")
    assert backend.post(PATH, {"subjectId": "sub_1"}, key="k-1") == first
    assert conn.execute("SELECT count(*) AS n FROM staff_comparisons").fetchone()["n"] == len(told) == 1


def test_who_or_what_is_not_known_is_told_so_and_nothing_is_asked_for(backend, told):
    for given in ({"userId": "user-none"}, {"userId": "user-none", "subjectId": "sub_1"}):
        assert backend.post(PATH, given)[0] == 404
    for name in (uuid.uuid4(), "nothing"):
        assert backend.get(f"{PATH}/{name}")[0] == 404
    assert told == []


def test_only_who_may_write_asks_and_who_may_read_is_told(service, told):
    reads, writes = service("admin:read"), service("admin:write")
    assert reads.post(PATH, {"subjectId": "sub_1"})[0] == 403
    id_ = writes.post(PATH, {"subjectId": "sub_1"})[1]["id"]
    assert reads.get(f"{PATH}/{id_}")[0] == 200
    assert service("people").get(f"{PATH}/{id_}")[0] == 403


def test_when_many_wait_no_more_are_taken(backend, conn, told):
    waits = """INSERT INTO staff_comparisons (actor, names, reason)
        SELECT 'token:other', '{sub_1}', 'x' FROM generate_series(1, %s)"""
    conn.execute(waits, [comparisons.MOST_WAITING])
    status, problem = backend.post(PATH, {"subjectId": "sub_1"})
    assert (status, problem["code"]) == (422, "TOO_MANY")
    assert told == []
