"""Where a device holds something else than was told, the server's word holds, and why is said."""

from shared.rules.sync_conflicts import Conflict, conflicts

LATEST = {"access": 40, "crisis": 12}


def test_a_device_that_holds_what_was_told_is_right():
    assert conflicts({"access": 40, "crisis": 12}, LATEST, newest=50) == []


def test_what_was_told_since_supersedes_what_a_device_holds():
    assert conflicts({"access": 39}, LATEST, newest=50) == [Conflict("access", 39, "superseded")]


def test_a_snapshot_is_newer_than_the_last_operation_and_no_conflict():
    assert conflicts({"access": 50, "safety_plan": 50}, LATEST, newest=50) == []


def test_a_state_that_no_device_was_ever_told_is_not_believed():
    assert conflicts({"crisis": 51}, LATEST, newest=50) == [Conflict("crisis", 51, "never_given")]


def test_each_conflict_is_told_once_in_one_order():
    found = conflicts({"crisis": 99, "access": 1}, LATEST, newest=50)
    assert [one.entity for one in found] == ["access", "crisis"]
