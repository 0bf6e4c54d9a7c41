"""A person is forgotten wholly, but for the audit trail, which stays whole; nobody else loses anything."""

from datetime import UTC, datetime

import pytest

from shared import callbacks, crises, devices, emergency, idempotency, outbox, people, trail, trail_check
from shared.callbacks import Wanted
from shared.crises import Report
from shared.crisis_notes import Note
from shared.crypto import public_key_of
from shared.emergency import Terms
from shared.idempotency import Answer
from shared.inbox import customer_hash
from shared.people import Link, Person
from shared.people_settings import emergency_of, policy_of
from tests.factories.arrivals import arrival, subscription_event
from tests.integration.conftest import LOOKUP_KEY
from workers import callback_ledger

ADA, BOB = "person-ada", "person-bob"
# Of the trail nothing goes; the keys of hours belong to everybody.
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND relname NOT LIKE 'audit%' AND relname <> 'data_keys'
    ORDER BY relname
"""


@pytest.fixture
def known(pool, inbox, processor, settings, private_key):
    """Somebody with a subscription, a device, a code, and, unless it is to stay open, a crisis that is over."""
    policy, public_key = policy_of(settings), public_key_of(private_key)
    terms = Terms(policy=policy, rule=emergency_of(settings), lookup_key=LOOKUP_KEY)

    def make(user_id, *, in_crisis=False):
        customer = f"cus_{user_id}"
        wanted = Link(person=Person(user_id=user_id, safety_plan_ref=f"plan/{user_id}"), stripe_customer_id=customer)
        with pool.transaction() as conn:
            people.link(conn, wanted, actor="backend", lookup_key=LOOKUP_KEY, policy=policy)
            devices.register(conn, f"phone-of-{user_id}", user_id, "ios", actor="backend")
            asked = idempotency.key_of(LOOKUP_KEY, caller="backend", chosen=user_id, request=b"PUT")
            idempotency.note(conn, asked, Answer(200, {"userId": user_id}))
        event = subscription_event(object={"customer": customer})
        assert processor.process(inbox.keep(arrival(event), nudged=True).row_id) == "processed"
        with pool.transaction() as conn:
            emergency.issue_code(conn, user_id, actor="cli:eve", terms=terms)
            opened = crises.begin(conn, Report(user_id, "clinician", "severe"), actor="backend", policy=policy)
        if not in_crisis:
            with pool.transaction() as conn:
                note = Note(f"about {user_id}", public_key)
                crises.resolve(conn, opened.crisis_id, note, actor="backend", policy=policy)
        return event

    return make


@pytest.fixture
def mentions(conn):
    """Every row, by table, that bears the person's id, their customer's hash, or their subscription's id."""

    def find(user_id, event):
        marks = (user_id, customer_hash(LOOKUP_KEY, f"cus_{user_id}").hex(), event["data"]["object"]["id"])
        names = [row["relname"] for row in conn.execute(TABLES)]
        rows = {name: [row["t"] for row in conn.execute(f"SELECT t::text FROM {name} AS t")] for name in names}  # noqa: S608
        return {
            name: kept
            for name, texts in rows.items()
            if (kept := [t for t in texts if any(mark in t for mark in marks)])
        }

    return find


@pytest.fixture
def told(pool):
    """What is owed is told, and on its way to an endpoint."""

    def tell():
        with pool.transaction() as conn:
            callbacks.add(conn, Wanted("backend", "https://x.example", ["*"]), actor="test", key=b"c" * 32)
            outbox.assign_positions(conn)
        with pool.transaction() as conn:
            callback_ledger.hand(conn)

    return tell


def test_nothing_of_the_person_is_left_and_all_of_everybody_else(known, told, carelane, mentions, pool, conn):
    ada, bob = known(ADA), known(BOB)
    told()
    bobs = mentions(BOB, bob)
    kept = {"people", "customers", "crises", "subjects", "events", "notices", "access_told", "devices"}
    assert kept | {"callback_deliveries", "idempotency_keys"} <= set(mentions(ADA, ada))
    bodies = conn.execute("SELECT count(*) AS n FROM event_bodies").fetchone()["n"]
    done = carelane("person", "erase", ADA, "--yes", "--reason", "she asked for it", "--json")
    assert done.exit_code == 0
    assert mentions(ADA, ada) == {}
    assert mentions(BOB, bob) == bobs
    assert conn.execute("SELECT count(*) AS n FROM event_bodies").fetchone()["n"] == bodies - 1
    removed = done.document["removed"]
    assert (removed["person"], removed["bodies"], removed["note_keys"], removed["devices"]) == (1, 1, 1, 1)
    orphans = "SELECT FROM callback_deliveries WHERE notice_id NOT IN (SELECT id FROM notices)"
    assert conn.execute(orphans).rowcount == 0
    (record,) = conn.execute("SELECT object, reason FROM audit WHERE act = 'person.erased'").fetchall()
    assert record == {"object": f"person:{ADA}", "reason": "she asked for it"}
    with pool.transaction() as own:
        trail.seal(own, most=1000)
    with pool.transaction() as own:
        assert trail_check.check(own, {}, datetime.now(UTC)).faults == []


def test_the_event_is_still_known_so_that_a_late_delivery_is_a_duplicate(known, carelane, inbox):
    ada = known(ADA)
    assert carelane("person", "erase", ADA, "--yes", "--reason", "x").exit_code == 0
    assert inbox.keep(arrival(ada), nudged=True).duplicate


def test_nobody_is_forgotten_while_in_danger_or_while_an_event_may_still_be_carried(known, carelane, inbox, conn):
    ada = known(ADA, in_crisis=True)
    refused = carelane("person", "erase", ADA, "--yes", "--reason", "x")
    assert (refused.exit_code, "crisis" in refused.stderr) == (1, True)
    conn.execute("UPDATE crises SET resolved_at = now(), resolved_by = 'x'")
    waiting = ada | {"id": "evt_waiting"}
    inbox.keep(arrival(waiting), nudged=True)
    refused = carelane("person", "erase", ADA, "--yes", "--reason", "x")
    assert (refused.exit_code, "1 events" in refused.stderr) == (1, True)
    assert conn.execute("SELECT user_id FROM people").fetchall() == [{"user_id": ADA}]


def test_what_is_about_something_of_theirs_and_names_no_customer_goes_too(known, carelane, inbox, conn):
    ada = known(ADA)
    nameless = subscription_event(object={"id": ada["data"]["object"]["id"], "customer": None})
    row_id = inbox.keep(arrival(nameless), nudged=True).row_id
    refused = carelane("person", "erase", ADA, "--yes", "--reason", "x")
    assert (refused.exit_code, "1 events" in refused.stderr) == (1, True)
    conn.execute("UPDATE events SET state = 'processed', settled_at = now() WHERE id = %s", [row_id])
    assert carelane("person", "erase", ADA, "--yes", "--reason", "x").exit_code == 0
    assert conn.execute("SELECT FROM event_bodies").rowcount == 0


def test_it_asks_wants_a_reason_and_knows_whom_it_knows(known, carelane, conn):
    known(ADA)
    assert carelane("person", "erase", ADA, "--yes").exit_code == 2
    assert carelane("person", "erase", ADA, "--reason", "x", answer="n\n").exit_code == 1
    assert carelane("person", "erase", "nobody", "--yes", "--reason", "x").exit_code == 1
    assert conn.execute("SELECT count(*) AS n FROM people").fetchone() == {"n": 1}
