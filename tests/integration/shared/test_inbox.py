"""Kept means committed, once, sealed, and in the lane that the person needs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from shared import crypto, data_keys
from shared.arrival_rows import customer_hash
from shared.crypto import Identity, Reader, Sealed
from shared.db import Pool
from shared.errors import CannotKeep
from shared.inbox import Inbox
from shared.rules import lanes
from tests.factories.arrivals import arrival, subscription_event

LOOKUP_KEY = b"l" * 32
# Other databases of the same server are other tests'.
OF_THE_POOL = " FROM pg_stat_activity WHERE application_name = 'carelane-test' AND datname = current_database()"


@pytest.fixture
def inbox(database_url, private_key):
    """Statements end after a second and a half, so that a test may hold a lock against them."""
    pool = Pool(database_url, name="test", size=4, statement_timeout_ms=1500)
    yield Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)
    pool.close()


def only(conn, query, *parameters):
    (row,) = conn.execute(query, parameters).fetchall()
    return row


def test_an_event_is_kept_sealed_and_opens_for_the_readers(inbox, conn, pool, private_key):
    event = arrival()
    kept = inbox.keep(event, nudged=True)
    assert not kept.duplicate
    row = only(conn, "SELECT * FROM events")
    assert (row["id"], row["event_id"], row["state"], row["lane"]) == (
        kept.row_id,
        event.event_id,
        "received",
        "standard",
    )
    body = only(conn, "SELECT * FROM event_bodies")
    assert b"sub_" not in bytes(body["sealed"])
    sealed = Sealed(body["data_key_id"], body["nonce"], body["sealed"])
    identity = Identity(row["account"], row["livemode"], row["event_id"])
    assert Reader(private_key, data_keys.fetcher(pool)).open(sealed, identity) == event.body


def test_a_redelivery_is_a_duplicate_and_is_noted(inbox, conn):
    event = arrival()
    first = inbox.keep(event, nudged=True)
    again = inbox.keep(event, nudged=True)
    assert (again.row_id, again.duplicate, again.same_body) == (first.row_id, True, True)
    assert only(conn, "SELECT count(*) AS n FROM event_bodies")["n"] == 1
    assert only(conn, "SELECT same_body, secret_name FROM deliveries") == {"same_body": True, "secret_name": "platform"}


def test_an_absent_account_is_the_same_account_each_time(inbox, conn):
    event = subscription_event()
    inbox.keep(arrival(event), nudged=True)
    inbox.keep(arrival(event, livemode=None), nudged=True)
    inbox.keep(arrival(event, livemode=None), nudged=True)
    inbox.keep(arrival(event, account="acct_1"), nudged=True)
    assert only(conn, "SELECT count(*) AS n FROM events")["n"] == 3


def test_another_body_under_the_same_id_is_audited_and_the_first_is_kept(inbox, conn):
    event = subscription_event()
    inbox.keep(arrival(event), nudged=True)
    before = only(conn, "SELECT body_hash FROM events")
    kept = inbox.keep(arrival(event | {"created": 1_790_000_001}), nudged=True)
    assert (kept.duplicate, kept.same_body) == (True, False)
    assert only(conn, "SELECT body_hash FROM events") == before
    assert only(conn, "SELECT act FROM audit")["act"] == "event.body_conflict"


def test_a_fresh_count_of_pending_webhooks_makes_no_other_body(inbox, conn):
    event = subscription_event()
    inbox.keep(arrival(event | {"pending_webhooks": 2}), nudged=True)
    assert inbox.keep(arrival(event | {"pending_webhooks": 1}), nudged=True).same_body


def test_a_storm_of_the_same_event_keeps_it_once(inbox, conn):
    event, gate = arrival(), threading.Barrier(20)

    def deliver(_):
        gate.wait(10)
        return inbox.keep(event, nudged=True)

    # More threads than connections: some meet the row before, some while it is being written.
    with ThreadPoolExecutor(20) as threads:
        results = list(threads.map(deliver, range(20)))
    assert sum(not result.duplicate for result in results) == 1
    assert {result.row_id for result in results} == {only(conn, "SELECT id FROM events")["id"]}
    assert only(conn, "SELECT count(*) AS n FROM deliveries")["n"] == 19


@pytest.mark.parametrize(
    ("danger", "reason"),
    [
        (
            "INSERT INTO crises (user_id, source, severity, opened_by) VALUES ('p', 'button', 'severe', 'p')",
            "open-crisis",
        ),
        (
            """INSERT INTO emergency_access (user_id, reason, level, ends_at)
            VALUES ('p', 'crisis_detected', 'essential', now() + '1 hour')""",
            "emergency-access",
        ),
    ],
)
def test_a_person_in_danger_rides_the_crisis_lane_first(inbox, conn, danger, reason):
    conn.execute("INSERT INTO people (user_id) VALUES ('p')")
    conn.execute("INSERT INTO customers VALUES (%s, 'p')", [customer_hash(LOOKUP_KEY, "cus_1")])
    conn.execute(danger)
    kept = inbox.keep(arrival(), nudged=True)
    assert (kept.lane, kept.urgency) == ("crisis", lanes.OPEN_CRISIS)
    assert only(conn, "SELECT lane_reason FROM events")["lane_reason"] == reason


def test_a_crisis_that_is_over_is_over(inbox, conn):
    conn.execute("INSERT INTO people (user_id) VALUES ('p')")
    conn.execute("INSERT INTO customers VALUES (%s, 'p')", [customer_hash(LOOKUP_KEY, "cus_1")])
    conn.execute(
        "INSERT INTO crises (user_id, source, severity, opened_by, resolved_at)"
        " VALUES ('p', 'button', 'severe', 'p', now())"
    )
    assert inbox.keep(arrival(), nudged=True).lane == "standard"


def test_an_event_that_will_not_be_nudged_is_due_for_the_relay_at_once(inbox, conn):
    inbox.keep(arrival(), nudged=False)
    rung = inbox.keep(arrival(), nudged=True)
    assert [row["nudged_at"] is None for row in conn.execute("SELECT nudged_at FROM events ORDER BY id")] == [
        True,
        False,
    ]
    inbox.not_nudged([rung.row_id])
    assert [row["nudged_at"] is None for row in conn.execute("SELECT nudged_at FROM events ORDER BY id")] == [
        True,
        True,
    ]


def test_connections_that_the_server_closed_cost_no_delivery(inbox, conn):
    inbox.keep(arrival(), nudged=True)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: inbox.ready(), range(40)))
    ended = "SELECT pg_terminate_backend(pid, 5000)" + OF_THE_POOL
    conn.execute(ended).fetchall()
    assert not inbox.keep(arrival(), nudged=True).duplicate


def test_the_key_is_made_anew_after_its_hour(inbox, conn):
    inbox.keep(arrival(), nudged=True)
    inbox._key._ends = 0.0
    inbox.keep(arrival(), nudged=True)
    inbox.keep(arrival(), nudged=True)
    keys = "SELECT count(*) AS bodies FROM event_bodies GROUP BY data_key_id ORDER BY bodies"
    assert [row["bodies"] for row in conn.execute(keys)] == [1, 2]


def test_the_old_key_serves_on_while_a_new_one_cannot_be_stored(inbox, conn, database_url):
    inbox.keep(arrival(), nudged=True)
    inbox._key._ends = 0.0
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE data_keys")
        assert not inbox.keep(arrival(), nudged=True).duplicate
    assert only(conn, "SELECT count(*) AS n FROM data_keys")["n"] == 1


def test_without_a_database_nothing_is_said_to_be_kept(private_key):
    pool = Pool("postgresql://nobody@127.0.0.1:1/none", name="test", size=1)
    inbox = Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)
    assert not inbox.ready()
    with pytest.raises(CannotKeep):
        inbox.keep(arrival(), nudged=True)
    pool.close()


def test_where_a_commit_does_not_mean_kept_the_door_is_not_ready(inbox, conn):
    name = conn.info.dbname
    conn.execute(psycopg.sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(psycopg.sql.Identifier(name)))
    conn.execute("SELECT pg_terminate_backend(pid)" + OF_THE_POOL)
    inbox._pool.drop_broken()
    assert not inbox.ready()


def test_those_who_wait_behind_a_failure_are_told_at_once(inbox, database_url, conn):
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE events")
        with pytest.raises(CannotKeep):
            inbox.keep(arrival(), nudged=True)
    # The table is free again, and still nobody asks it until the moment is over.
    with pytest.raises(CannotKeep, match="could not be kept"):
        inbox.keep(arrival(), nudged=True)
    inbox._away_until = 0.0
    assert not inbox.keep(arrival(), nudged=True).duplicate


def test_an_inbox_with_a_database_is_ready(inbox):
    assert inbox.ready()
