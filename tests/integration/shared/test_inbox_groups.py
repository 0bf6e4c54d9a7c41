"""Many arrivals in one statement: each with its own outcome, whoever else keeps the same ones at the same time."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest

from shared import arrays, crypto
from shared.arrivals import Kept
from shared.db import Pool
from shared.errors import CannotKeep
from shared.inbox import Inbox
from tests.factories.arrivals import arrival, subscription_event
from tests.running import until

LOOKUP_KEY = b"l" * 32
END_THOSE_WHO_WAIT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()"""


def arrivals(count, **changes):
    return [arrival(**changes) for _ in range(count)]


def opened(database_url, private_key, *, prepares=True, size=4):
    pool = Pool(database_url, name="test", size=size, statement_timeout_ms=1500, prepares=prepares)
    return pool, Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=LOOKUP_KEY)


@pytest.fixture(params=[True, False], ids=["prepared", "not prepared"])
def inbox(request, database_url, private_key):
    pool, inbox = opened(database_url, private_key, prepares=request.param)
    with closing(pool):
        yield inbox


def keep(inbox, group):
    return inbox.keep_many(group, nudged=[True] * len(group))


def count(conn, table):
    query = psycopg.sql.SQL("SELECT count(*) AS n FROM {}").format(psycopg.sql.Identifier(table))
    return conn.execute(query).fetchone()["n"]


def test_each_of_a_group_has_its_own_row_body_and_outcome(inbox, conn):
    old, group = arrival(), arrivals(5)
    keep(inbox, [old])
    changed = arrival(subscription_event(id=old.event_id, created=1_790_000_009))
    outcomes = keep(inbox, [group[0], changed, *group[1:]])
    assert [(one.duplicate, one.same_body) for one in outcomes] == [(False, True), (True, False)] + [(False, True)] * 4
    rows = {row["id"]: row["event_id"] for row in conn.execute("SELECT id, event_id FROM events")}
    assert [rows[one.row_id] for one in outcomes] == [one.event_id for one in [group[0], old, *group[1:]]]
    assert count(conn, "event_bodies") == 6
    assert (count(conn, "deliveries"), count(conn, "audit")) == (1, 1)


def test_one_event_of_three_accounts_is_three_events(inbox, conn):
    event = subscription_event()
    group = [arrival(event, account=account) for account in (None, "acct_1", "acct_2")]
    assert len({one.row_id for one in keep(inbox, group)}) == 3
    assert [one.duplicate for one in keep(inbox, group)] == [True] * 3


def test_twins_in_one_group_harm_nobody(inbox, conn):
    one, other = arrivals(2)
    outcomes = keep(inbox, [one, other, one])
    assert sorted(outcome.duplicate for outcome in outcomes) == [False, False, True]
    assert (count(conn, "events"), count(conn, "event_bodies"), count(conn, "deliveries")) == (2, 2, 1)


def test_what_postgresql_cannot_hold_costs_only_itself(inbox, conn):
    bad = arrival(type="a\0b")
    outcomes = keep(inbox, [*arrivals(3), bad, *arrivals(3)])
    assert [isinstance(one, Kept) for one in outcomes] == [True] * 3 + [False] + [True] * 3
    assert count(conn, "events") == 6


def test_every_column_holds_what_was_given(inbox, conn):
    moments = [datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), None]
    group = [
        arrival(occurred_at=moment, livemode=mode) for moment, mode in zip(moments, (True, False, None), strict=True)
    ]
    for given, kept in zip(group, keep(inbox, group), strict=True):
        row = conn.execute("SELECT * FROM events WHERE id = %s", [kept.row_id]).fetchone()
        for name in ("event_id", "type", "account", "livemode", "api_version", "object_kind", "object_id", "signed_at"):
            assert row[name] == getattr(given, name), name
        assert (row["occurred_at"], row["body_bytes"]) == (given.occurred_at, len(given.body))
        assert (row["lane"], row["urgency"], row["lane_reason"]) == ("standard", 0, "standard")


def test_two_doors_that_keep_the_same_events_in_opposite_orders_never_deadlock(database_url, private_key, conn):
    group, gate = arrivals(60), threading.Barrier(4)

    def deliver(seed):
        pool, inbox = opened(database_url, private_key)
        shuffled = random.Random(seed).sample(group, len(group))
        parts = [shuffled[at : at + 12] for at in range(0, len(shuffled), 12)]
        with closing(pool):
            keep(inbox, arrivals(1))  # connected, and the key is stored
            gate.wait(20)
            return [one for part in parts for one in keep(inbox, part)]

    with ThreadPoolExecutor(4) as doors:
        outcomes = [one for door in doors.map(deliver, range(4)) for one in door]
    assert [one for one in outcomes if isinstance(one, CannotKeep)] == []
    assert sum(not one.duplicate for one in outcomes) == len(group)
    assert count(conn, "deliveries") == 3 * len(group)
    assert conn.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone() == {
        "deadlocks": 0
    }


def test_a_database_that_goes_away_in_the_middle_of_a_group_has_kept_all_of_it_or_nothing(inbox, conn, database_url):
    keep(inbox, arrivals(1))
    group, told = arrivals(20), []
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE events")
        waiting = threading.Thread(target=lambda: told.extend(keep(inbox, group)))
        waiting.start()
        until(lambda: conn.execute(END_THOSE_WHO_WAIT).fetchall())
        waiting.join(30)
    assert all(isinstance(one, CannotKeep) for one in told)
    assert len(told) == len(group)
    assert count(conn, "events") == 1
    inbox._away_until = 0.0
    assert all(isinstance(one, Kept) for one in keep(inbox, group))


def test_a_plan_made_for_empty_tables_looks_up_by_key_when_they_are_full(database_url, private_key):
    """The prepared statement is planned once: it must never come to read a table as a whole."""
    pool, inbox = opened(database_url, private_key, size=1)
    with closing(pool):
        keep(inbox, arrivals(1))
        with pool.statement() as prepared:
            (name,) = [
                row["name"]
                for row in prepared.execute("SELECT name, statement FROM pg_prepared_statements")
                if "INSERT INTO event_bodies" in row["statement"]
            ]
            nulls = ", ".join(["NULL"] * 24)
            plan = [next(iter(row.values())) for row in prepared.execute(f"EXPLAIN EXECUTE {name}({nulls})")]
    whole = [line for line in plan if "Seq Scan" in line or "Hash Join" in line or "Merge" in line]
    assert whole == []
    assert sum("Index Cond: (event_id = " in line for line in plan) == 1


@pytest.mark.parametrize("values", [[], [None], [None, datetime(1999, 12, 31, 23, 59, 59, 1, tzinfo=UTC)]])
def test_an_array_comes_back_as_it_was(pool, values):
    with pool.statement() as conn:
        found = conn.execute("SELECT %(given)b::timestamptz[] AS given", {"given": arrays.array(arrays.MOMENT, values)})
        assert found.fetchone() == {"given": values}
