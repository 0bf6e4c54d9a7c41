"""Records are linked once, as they are committed, and those who make them wait for nobody."""

import threading

import pytest

from shared import audit, db, trail
from tests.integration.trail.conftest import Trail


def test_who_records_waits_for_nobody_and_what_is_committed_late_is_linked_late(recorded, checked, database_url):
    gate, held = threading.Event(), threading.Event()

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
        assert trail.seal(conn, most=10) == 10
        assert recorded.seal() == 0
    assert recorded.seal() == 40
    assert checked()[1] == []


def test_an_anchor_is_added_when_its_time_has_come_and_there_is_something_new(pool, tmp_path):
    own = Trail(pool, tmp_path / "anchors.jsonl")
    own.sealer.every_seconds = 60
    own.seal()
    assert not own.path.exists()
    for seconds, lines in ((30, 0), (60, 1), (119, 1), (120, 2), (200, 2)):
        own.now(seconds)
        if seconds != 200:
            own.record()
        own.seal()
        assert (len(own.path.read_text().splitlines()) if own.path.exists() else 0) == lines


def test_a_file_that_cannot_be_written_stops_no_sealing(pool, tmp_path):
    (tmp_path / "file").write_text("")
    own = Trail(pool, tmp_path / "file" / "anchors.jsonl")
    own.record()
    assert own.seal() == 1
    own.record()
    assert own.seal() == 1


def test_without_a_key_the_trail_is_linked_and_not_anchored(recorded):
    recorded.sealer.signing_key = None
    recorded.record()
    assert recorded.seal() == 1
    assert not recorded.path.exists()
