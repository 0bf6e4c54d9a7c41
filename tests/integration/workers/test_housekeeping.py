"""What only grows is cut back without taking anything that is still needed; twice at once does no harm."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from psycopg.types.json import Jsonb

from shared.rules.sync_operations import KIND
from workers import housekeeping, self_check

DAYS = 30
OLD, FRESH = "now() - interval '40 days'", "now()"


@pytest.fixture
def told(conn):
    """Tell a device's operation at a position; the hour of the oldest kept one begins at 100."""
    conn.execute(
        "INSERT INTO outbox_hours (hour, first_position)"
        " VALUES (date_trunc('hour', now() - interval '40 days', 'UTC'), 1), (date_trunc('hour', now(), 'UTC'), 100)"
    )
    conn.execute("UPDATE outbox SET newest = 200")

    def tell(position, entity, *, person="p", targets="all", kind=KIND, state=None):
        data = Jsonb({"entity": entity, "targets": targets, "state": state or position})
        conn.execute(
            "INSERT INTO notices (cause, kind, recipient, data, position, told_at) VALUES (%s, %s, %s, %s, %s, now())",
            [f"c{position}", kind, f"person:{person}", data, position],
        )

    return tell


def empty(conn):
    return [row["position"] for row in conn.execute("SELECT position FROM notices WHERE data = '{}' ORDER BY position")]


def test_of_what_devices_cannot_go_on_from_the_last_state_of_each_entity_stays(pool, conn, told):
    told(1, "access")
    told(2, "access")
    told(3, "crisis")
    told(4, "access", person="q")
    told(5, "access", kind="access:updated")
    told(6, "access", targets=["device"])
    told(150, "access")
    told(151, "access")
    assert housekeeping.keep_house(pool, notice_days=DAYS)["operations"] == 3
    assert empty(conn) == [1, 2, 6]
    told(7, "crisis")
    assert housekeeping.keep_house(pool, notice_days=DAYS)["operations"] == 0
    assert conn.execute("SELECT count(*) AS n FROM notices").fetchone()["n"] == 9


def test_a_state_for_one_device_only_stands_in_for_no_earlier_one(pool, conn, told):
    told(1, "access")
    told(2, "access", targets=["device"])
    assert housekeeping.keep_house(pool, notice_days=DAYS)["operations"] == 0


def test_it_goes_on_over_the_gap_that_a_restore_leaves(pool, conn, told):
    told(1, "access")
    told(2_000_000_001, "access")
    conn.execute("UPDATE outbox SET newest = 2000000002")
    conn.execute("UPDATE outbox_hours SET first_position = 2000000002 WHERE first_position = 100")
    assert housekeeping.keep_house(pool, notice_days=DAYS)["operations"] == 1
    assert empty(conn) == [1]


def test_old_hours_go_and_the_last_one_stays(pool, conn, told):
    assert housekeeping.keep_house(pool, notice_days=DAYS)["hours"] == 1
    conn.execute("UPDATE outbox_hours SET hour = hour - interval '90 days'")
    assert housekeeping.keep_house(pool, notice_days=DAYS)["hours"] == 0


def test_wrong_codes_of_last_week_go(pool, conn):
    conn.execute("INSERT INTO people (user_id) VALUES ('p')")
    conn.execute(
        "INSERT INTO wrong_emergency_codes (user_id, tried_at) VALUES ('p', now() - interval '8 days'), ('p', now())"
    )
    assert housekeeping.keep_house(pool, notice_days=DAYS)["wrong_codes"] == 1


def test_the_whole_of_a_partitioned_table_is_looked_at(pool, conn):
    housekeeping.keep_house(pool, notice_days=DAYS)
    statement = "SELECT count(*) AS n FROM pg_stat_user_tables WHERE relname = 'audit' AND analyze_count > 0"
    assert conn.execute(statement).fetchone()["n"] == 1


def test_two_at_once_empty_each_operation_once(pool, conn, told):
    for position in range(1, 40):
        told(position, "access")
    gate = threading.Barrier(2)

    def work(_):
        gate.wait(10)
        return housekeeping.compact_operations(pool, days=DAYS)

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(work, range(2))) == 38


def test_a_step_that_fails_keeps_no_other_from_its_turn(pool, conn):
    conn.execute("ALTER TABLE upkeep_progress RENAME TO gone")
    conn.execute("INSERT INTO people (user_id) VALUES ('p')")
    conn.execute("INSERT INTO wrong_emergency_codes (user_id, tried_at) VALUES ('p', now() - interval '8 days')")
    done = housekeeping.keep_house(pool, notice_days=DAYS)
    assert (done["operations"], done["wrong_codes"]) == (0, 1)


def test_the_self_check_finds_what_the_doctor_finds(settings, valkey_url):
    from dataclasses import replace

    found = self_check.look(replace(settings, redis_url=valkey_url))
    assert {finding.name for finding in found if finding.status == "fault"} >= {"relay"}
