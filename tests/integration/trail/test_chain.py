"""The chain names whatever was done to the audit trail past the application."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared import anchors, trail, trail_check
from tests.integration.trail.conftest import SIGNING_KEY, VERIFY_KEY

CHANGE_PLACES = """
    UPDATE audit AS one SET object = other.object, after = other.after
    FROM audit AS other WHERE one.id + other.id = 5 AND one.id IN (2, 3)
"""
NOW = datetime.now(UTC)
# What is done to a trail of nine records, anchored at six and at nine; and what is named: kind, position, record.
TAMPERING = {
    "a record was changed": (["UPDATE audit SET reason = 'another' WHERE id = 4"], {("changed", 4, 4)}),
    "a figure in a record was changed": (
        ["""UPDATE audit SET after = '{"b": 99, "a": "ü"}' WHERE id = 5"""],
        {("changed", 5, 5)},
    ),
    "a record's time was changed": (["UPDATE audit SET at = at - interval '1 hour' WHERE id = 2"], {("changed", 2, 2)}),
    "a record was removed": (["DELETE FROM audit WHERE id = 3"], {("missing", 3, 3)}),
    "a record and its link were removed": (
        ["DELETE FROM audit WHERE id = 3", "DELETE FROM audit_links WHERE audit_id = 3"],
        {("missing", 3, None)},
    ),
    "two records changed places": ([CHANGE_PLACES], {("changed", 2, 2), ("changed", 3, 3)}),
    "two links changed places": (
        [
            "UPDATE audit_links SET position = -position WHERE position IN (4, 5)",
            "UPDATE audit_links SET position = 9 + position WHERE position < 0",
        ],
        {("broken", 4, 5), ("broken", 5, 4), ("broken", 6, 6)},
    ),
    "a record came in past the trigger": (
        ["INSERT INTO audit (actor, act, object) VALUES ('mallory', 'nothing.happened', 'x')"],
        {("inserted", None, 10)},
    ),
    "a second record bears an id that is linked": (
        [
            """INSERT INTO audit (id, at, actor, act, object) OVERRIDING SYSTEM VALUE
            VALUES (7, now() + interval '1 hour', 'mallory', 'nothing.happened', 'x')"""
        ],
        {("inserted", 7, 7)},
    ),
    "the end was cut off": (
        ["DELETE FROM audit WHERE id > 7", "DELETE FROM audit_links WHERE audit_id > 7"],
        {("truncated", 8, None)},
    ),
    "all was thrown away": (["DELETE FROM audit", "DELETE FROM audit_links"], {("truncated", 1, None)}),
    "a record was removed before it was linked": (
        ["INSERT INTO audit_unsealed (audit_id, at) VALUES (10, now())"],
        {("missing", None, 10)},
    ),
    "a record is gone and its link was made to look old": (
        ["UPDATE audit_links SET at = at - interval '8 years' WHERE position = 3", "DELETE FROM audit WHERE id = 3"],
        {("broken", 3, 3)},
    ),
}


@pytest.fixture
def nine(recorded):
    recorded.record(6)
    recorded.seal()
    recorded.record(3)
    recorded.seal()
    return recorded


def named(faults):
    return {(fault.kind, fault.position, fault.audit_id) for fault in faults}


def test_whatever_is_done_to_the_trail_is_named(nine, database_url):
    """Each act is undone by a rollback, so that one database serves all."""
    seen, forged = anchors.read(nine.path, VERIFY_KEY)
    assert (sorted(seen), forged) == ([6, 9], [])
    with psycopg.connect(database_url, row_factory=psycopg.rows.dict_row) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        told = trail_check.check(conn, seen, NOW)
        assert (told.faults, told.links, told.anchored, told.waiting) == ([], 9, 9, 0)
        conn.rollback()
        for done, (statements, expected) in TAMPERING.items():
            conn.execute("SET LOCAL session_replication_role = replica")  # past every trigger, as who rules the server
            for statement in statements:
                conn.execute(statement)
            found = named(trail_check.check(conn, seen, NOW).faults)
            conn.rollback()
            # A doubled id is told from both sides: what the link is for, and what only claims to be.
            assert expected <= found if "second record" in done else expected == found, (done, found)


def test_a_database_of_a_backup_goes_on_from_where_it_stands_and_only_where_our_key_says_so(
    nine, checked, tamper, pool
):
    tamper("DELETE FROM audit WHERE id > 7", "DELETE FROM audit_links WHERE audit_id > 7")
    with pool.transaction() as conn:
        head = trail.head(conn)
    before = nine.path.read_text()
    anchors.append(nine.path, anchors.make(head, SIGNING_KEY, NOW, restored=True))
    assert named(checked()[1]) == set()
    nine.record(4)
    nine.seal()
    told, faults = checked()
    assert (named(faults), told.links, told.anchored) == (set(), 11, 11)
    with pool.transaction() as conn:
        exported = list(trail_check.export(conn, anchors.kept(nine.path), after=8))
    assert trail_check.check_export(exported, VERIFY_KEY, NOW).faults == []
    nine.path.write_text(before)  # without that line it is what it looks like
    assert {kind for kind, _, _ in named(checked()[1])} == {"rewritten"}


def test_a_record_under_a_number_that_is_taken_is_named_and_holds_up_no_other(nine, checked, conn):
    conn.execute(
        "INSERT INTO audit (id, at, actor, act, object) OVERRIDING SYSTEM VALUE "
        "VALUES (7, now() + interval '1 hour', 'mallory', 'nothing.happened', 'x')"
    )
    nine.record(2)
    assert nine.seal() == 2
    told, faults = checked()
    assert (told.links, told.waiting) == (11, 1)
    assert ("inserted", 7, 7) in named(faults)


def test_a_year_of_records_may_be_dropped_when_its_seven_years_are_over(nine, database_url, tamper):
    tamper("DELETE FROM audit WHERE id < 8")
    with psycopg.connect(database_url, row_factory=psycopg.rows.dict_row) as conn:
        assert len(trail_check.check(conn, {}, NOW).faults) == 7
        conn.rollback()
        assert trail_check.check(conn, {}, NOW + timedelta(days=8 * 366)).faults == []


def test_a_chain_that_was_written_anew_as_a_whole_contradicts_its_anchors(nine, checked, tamper):
    tamper(
        "UPDATE audit SET actor = 'nobody' WHERE id = 8",
        "DELETE FROM audit_links WHERE audit_id >= 8",
        "INSERT INTO audit_unsealed (audit_id, at) SELECT id, at FROM audit WHERE id >= 8",
    )
    with nine.pool.transaction() as conn:
        trail.seal(conn, most=100)
    assert named(checked()[1]) == {("rewritten", 9, 9)}


def test_an_anchor_that_our_key_did_not_sign_is_named_and_one_that_was_torn_leaves_room_for_the_next(nine, checked):
    first, second = nine.path.read_text().splitlines()
    forged = json.dumps(json.loads(second) | {"position": 99})
    nine.path.write_text(f"{first}\n{forged}\n{second[:30]}")
    nine.record()
    nine.seal()
    told, faults = checked()
    assert [fault.kind for fault in faults] == ["forged", "forged"]
    assert told.anchored == 10


@pytest.mark.parametrize("statement", ["UPDATE audit_links SET position = 99", "DELETE FROM audit_links"])
def test_links_are_append_only(nine, conn, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        conn.execute(statement)
