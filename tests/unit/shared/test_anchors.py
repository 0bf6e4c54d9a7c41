"""An anchor is believed when our key has signed just that."""

from datetime import UTC, datetime, timedelta

import pytest

from shared import anchors
from shared.config import Settings
from shared.trail import Head

KEY = anchors.new_signing_key()
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "anchors.jsonl"


def test_what_was_signed_is_read_again(path):
    for position in (3, 7):
        anchors.append(path, anchors.make(Head(position, bytes([position]) * 32), KEY, NOW))
    assert anchors.read(path, anchors.verify_key_of(KEY)) == ({3: b"\x03" * 32, 7: b"\x07" * 32}, [])
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("change", [("position", 4), ("link", "00" * 32), ("at", "2020-01-01T00:00:00+00:00")])
def test_no_part_of_it_can_be_changed(change):
    told = anchors.make(Head(3, b"x" * 32), KEY, NOW).to_json()
    assert anchors.is_genuine(anchors.of(told), anchors.verify_key_of(KEY))
    name, value = change
    assert not anchors.is_genuine(anchors.of(told | {name: value}), anchors.verify_key_of(KEY))


def test_another_key_does_not_pass(path):
    anchors.append(path, anchors.make(Head(1, b"x" * 32), anchors.new_signing_key(), NOW))
    seen, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert (seen, [fault.kind for fault in faults]) == ({}, ["forged"])


def test_two_anchors_of_one_position_that_disagree_are_told(path):
    for byte in (b"x", b"y"):
        anchors.append(path, anchors.make(Head(1, byte * 32), KEY, NOW))
    _, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert [(fault.kind, fault.position) for fault in faults] == [("rewritten", 1)]


def minutes(count):
    return NOW + timedelta(minutes=count)


def written(path, *told):
    """Each: position, minutes from the beginning, whether a restored chain goes on there."""
    made = [
        anchors.make(Head(position, bytes([position]) * 32), KEY, minutes(at), restored=restored)
        for position, at, restored in told
    ]
    for one in made:
        anchors.append(path, one)
    return made


def test_what_was_seen_beyond_the_place_where_a_restored_chain_goes_on_holds_no_more(path):
    written(path, (3, 0, False), (9, 1, False), (5, 2, True))
    anchors.append(path, anchors.make(Head(9, b"another" * 4), KEY, minutes(3)))
    seen, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert (seen, faults) == ({3: b"\x03" * 32, 5: b"\x05" * 32, 9: b"another" * 4}, [])
    assert [one.position for one in anchors.restores(path, anchors.verify_key_of(KEY))] == [5]


def test_a_restored_chain_that_is_another_before_that_place_is_told(path):
    written(path, (5, 0, False))
    anchors.append(path, anchors.make(Head(5, b"x" * 32), KEY, minutes(1), restored=True))
    _, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert [(fault.kind, fault.position) for fault in faults] == [("rewritten", 5)]


def test_who_says_an_old_restore_again_takes_nothing_back(path):
    _, restore, _ = written(path, (3, 0, False), (3, 1, True), (9, 2, False))
    anchors.append(path, restore)
    seen, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert sorted(seen) == [3, 9]
    assert [fault.kind for fault in faults] == ["forged"]


@pytest.mark.parametrize("restored", [True, False])
def test_nobody_makes_a_restore_of_an_anchor_or_takes_one_away(restored):
    told = anchors.make(Head(3, b"x" * 32), KEY, NOW, restored=restored).to_json()
    assert anchors.of(told).restored is restored
    assert not anchors.is_genuine(anchors.of(told | {"restored": not restored}), anchors.verify_key_of(KEY))


@pytest.mark.parametrize("line", ["", "nonsense", "[]", '{"position": "x"}', '{"position": 1, "link": 5, "at": 1}'])
def test_a_line_that_is_no_anchor_is_told(path, line):
    path.parent.mkdir()
    path.write_text(line + "\n")
    seen, faults = anchors.read(path, anchors.verify_key_of(KEY))
    assert (seen, len(faults)) == ({}, 1)


def test_without_a_file_nothing_was_seen(path):
    assert anchors.read(path, anchors.verify_key_of(KEY)) == ({}, [])
    assert anchors.kept(path) == []


def test_the_file_lies_in_the_home_unless_it_is_named(tmp_path):
    assert anchors.path_of(Settings(home=tmp_path)) == tmp_path / "audit-anchors.jsonl"
    assert anchors.path_of(Settings(audit_anchors=tmp_path / "a")) == tmp_path / "a"
