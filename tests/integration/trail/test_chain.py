"""The chain names whatever was done to the audit trail past the application, and links in no order but that of commits."""

import json
import threading

import psycopg
import pytest

from shared import audit, db
from tests.integration.trail.conftest import VERIFY_KEY

# What is done to a trail of nine records, six of them anchored at once and the rest later; and what is named.
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
    "two records changed places": (
        [
            "UPDATE audit SET object = CASE id WHEN 2 THEN 'thing:2' ELSE 'thing:1' END, "
            "after = CASE id WHEN 2 THEN (SELECT after FROM audit WHERE id = 3) ELSE (SELECT after FROM audit WHERE id = 2) "
            "END WHERE id IN (2, 3)"
        ],
        {("changed", 2, 2), ("changed", 3, 3)},
    ),
    "two links changed places": (
        [
            "UPDATE audit_links SET position = -position WHERE position IN (4, 5)",
            "UPDATE audit_links SET position = CASE position WHEN -4 THEN 5 ELSE 4 END WHERE position < 0",
        ],
        {("broken", 4, 5), ("broken", 5, 4), ("broken", 6, 6)},
    ),
    "a record came in past the trigger": (
        ["INSERT INTO audit (actor, act, object) VALUES ('mallory', 'nothing.happened', 'x')"],
        {("inserted", None, 10)},
    ),
    "a second record bears an id that is linked": (
        [
            "INSERT INTO audit (id, at, actor, act, object) OVERRIDING SYSTEM VALUE "
            "VALUES (7, now() + interval '1 hour', 'mallory', 'nothing.happened', 'x')"
        ],
        {("inserted", 7, 7)},
    ),
    "the end was cut off": (
        ["DELETE FROM audit WHERE id > 7", "DELETE FROM audit_links WHERE audit_id > 7"],
        {("truncated", 8, None)},
    ),
    "all was thrown away": (["DELETE FROM audit", "DELETE FROM audit_links"], {("truncated", 1, None)}),
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


def test_a_trail_that_nobody_touched_is_whole_and_anchored_to_its_end(nine, checked):
    told, faults = checked()
    assert (faults, told.links, told.anchored, told.waiting) == ([], 9, 9, 0)


@pytest.mark.parametrize("done", TAMPERING)
def test_tampering_is_named(nine, checked, tamper, done):
    statements, expected = TAMPERING[done]
    tamper(*statements)
    found = named(checked()[1])
    assert expected <= found
    # One more is allowed where both halves of a doubled id are looked at: the stranger, and what it claims to be.
    assert len(found - expected) <= (1 if "second record" in done else 0)


def test_a_chain_that_was_written_anew_as_a_whole_contradicts_its_anchors(nine, checked, tamper, recorded):
    tamper(
        "UPDATE audit SET actor = 'nobody' WHERE id = 8",
        "DELETE FROM audit_links WHERE audit_id >= 8",
        "INSERT INTO audit_unsealed (audit_id, at) SELECT id, at FROM audit WHERE id >= 8",
    )
    with recorded.pool.transaction() as conn:
        from shared import trail

        trail.seal(conn, most=100)
    assert named(checked()[1]) == {("rewritten", 9, 9)}


def test_a_record_that_is_removed_before_it_is_linked_is_missed(recorded, checked, tamper):
    recorded.record(2)
    tamper("DELETE FROM audit WHERE id = 1")
    recorded.seal()
    assert named(checked()[1]) == {("missing", None, 1)}


def test_an_anchor_that_our_key_did_not_sign_is_named(nine, checked):
    line = json.loads(nine.path.read_text().splitlines()[0])
    nine.path.write_text(json.dumps(line | {"position": 99}) + "\n" + "{half a li\n")
    assert [fault.kind for fault in checked()[1]] == ["forged", "forged"]


def test_an_anchor_whose_line_was_torn_leaves_room_for_the_next(nine, checked):
    with nine.path.open("a") as file:
        file.write('{"position": 9, "li')
    nine.record()
    nine.seal()
    told, faults = checked()
    assert [fault.kind for fault in faults] == ["forged"]
    assert told.anchored == 10


def test_who_records_waits_for_nobody_and_what_is_committed_late_is_linked_late(recorded, checked, database_url):
    gate = threading.Event()
    held = threading.Event()

    def record_slowly():
        with db.connect(database_url, name="slow") as conn:
            audit.record(conn, actor="slow", act="test.happened", object="thing:slow")
            held.set()
            gate.wait(20)

    slow = threading.Thread(target=record_slowly)
    slow.start()
    assert held.wait(10)
    recorded.record(2)
    assert recorded.seal() == 2
    gate.set()
    slow.join(20)
    assert recorded.seal() == 1
    told, faults = checked()
    assert (faults, told.links, told.anchored) == ([], 3, 3)


def test_what_was_rolled_back_leaves_no_gap(recorded, checked, pool):
    with pytest.raises(ZeroDivisionError), pool.transaction() as conn:
        audit.record(conn, actor="a", act="b", object="c")
        _ = 1 / 0
    recorded.record()
    assert recorded.seal() == 1
    assert checked()[1] == []


def test_two_sealers_do_not_link_a_record_twice(recorded, checked, database_url):
    recorded.record(50)
    with db.connect(database_url, name="other") as conn:
        from shared import trail

        assert trail.seal(conn, most=10) == 10
        assert recorded.seal() == 0
    assert recorded.seal() == 40
    assert checked()[1] == []


@pytest.mark.parametrize("statement", ["UPDATE audit_links SET position = 99", "DELETE FROM audit_links"])
def test_links_are_append_only(nine, conn, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        conn.execute(statement)


def test_a_record_whose_seven_years_are_over_may_be_gone(nine, checked, tamper):
    tamper("UPDATE audit_links SET at = at - interval '8 years' WHERE position < 3", "DELETE FROM audit WHERE id < 3")
    assert checked()[1] == []


def test_without_a_key_the_trail_is_linked_and_not_anchored(recorded):
    recorded.sealer.signing_key = None
    recorded.record()
    assert recorded.seal() == 1
    assert not recorded.path.exists()


def test_the_key_that_checks_is_the_one_that_signed(recorded):
    assert VERIFY_KEY != b"s" * 32
