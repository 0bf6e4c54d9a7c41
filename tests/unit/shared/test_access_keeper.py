"""What is to be remembered is written aside: whoever gives it waits for no disk."""

import threading
from datetime import timedelta

import pytest

from shared.access_cache import AccessCache, number_of
from shared.access_document import safe_default
from shared.access_keeper import Keeper
from tests.factories.people import NOW

ANSWER = safe_default("p", NOW)
WAIT = 20.0


class Stuck:
    """Stands in for the cache on a disk that stands still until it is `released`."""

    def __init__(self):
        self.begun, self.released, self.kept = threading.Semaphore(0), threading.Event(), []
        self.lying = None

    def keep(self, subject, document, *, as_of):
        self.begun.release()
        assert self.released.wait(WAIT)
        self.kept.append((subject, document["tier"]))

    def last(self, _subject):
        return self.lying

    def close(self):
        self.kept.append("closed")


def tier(name):
    return {**ANSWER, "tier": name}


@pytest.fixture
def stuck():
    stuck = Stuck()
    yield stuck
    stuck.released.set()


def test_nobody_waits_for_the_disk_and_what_waits_is_found(stuck):
    keeper = Keeper(stuck)
    keeper.keep("p", tier("basic"), as_of=NOW)
    assert stuck.begun.acquire(timeout=WAIT)
    assert keeper.find("p") == tier("basic")
    assert keeper.find("q") is None
    stuck.released.set()
    keeper.close()
    assert stuck.kept == [("p", "basic"), "closed"]


def test_of_what_waits_the_newest_is_written(stuck):
    keeper = Keeper(stuck)
    keeper.keep("p", tier("0"), as_of=NOW)
    assert stuck.begun.acquire(timeout=WAIT)
    for number in (1, 3, 2):
        keeper.keep("p", tier(str(number)), as_of=NOW + timedelta(seconds=number))
    assert keeper.find("p") == tier("3")
    stuck.released.set()
    keeper.close()
    assert stuck.kept == [("p", "0"), ("p", "3"), "closed"]


def test_one_that_is_renewed_without_end_keeps_no_other_from_the_disk(stuck):
    keeper = Keeper(stuck)
    keeper.keep("p", tier("0"), as_of=NOW)
    keeper.keep("q", tier("basic"), as_of=NOW)
    assert stuck.begun.acquire(timeout=WAIT)
    keeper.keep("p", tier("1"), as_of=NOW + timedelta(seconds=1))
    stuck.released.set()
    keeper.close()
    assert stuck.kept == [("p", "0"), ("q", "basic"), ("p", "1"), "closed"]


def test_what_comes_after_a_rest_is_written_too(stuck):
    keeper = Keeper(stuck)
    stuck.released.set()
    for number in (0, 1):
        keeper.keep("p", tier(str(number)), as_of=NOW + timedelta(seconds=number))
        assert stuck.begun.acquire(timeout=WAIT)
    keeper.close()
    assert stuck.kept == [("p", "0"), ("p", "1"), "closed"]


def test_no_more_than_so_many_wait(stuck):
    keeper = Keeper(stuck, most_waiting=2)
    for subject in "pqr":
        keeper.keep(subject, ANSWER, as_of=NOW)
    assert [keeper.find(subject) is None for subject in "pqr"] == [False, False, False]  # for a moment
    stuck.released.set()
    keeper.close()
    assert [kept[0] for kept in stuck.kept if kept != "closed"] == ["p", "q"]


def test_what_was_told_a_moment_ago_is_known_while_the_disk_gives_nothing(stuck):
    keeper = Keeper(stuck, most_waiting=0)
    keeper.keep("p", tier("0"), as_of=NOW)
    keeper.keep("p", tier("1"), as_of=NOW + timedelta(seconds=1))
    assert (keeper.find("p"), keeper.find("q")) == (tier("1"), None)
    for number in range(1_000):
        keeper.keep(f"q{number}", ANSWER, as_of=NOW)
    assert keeper.find("p") is None


def test_and_only_a_moment(stuck):
    now = [100.0]
    keeper = Keeper(stuck, most_waiting=0, clock=lambda: now[0])
    keeper.keep("p", tier("0"), as_of=NOW)
    now[0] += 59
    assert keeper.find("p") == tier("0")
    now[0] += 2
    assert keeper.find("p") is None


def test_as_long_as_the_file_is_read_and_has_nothing_newer_the_newest_is_not_forgotten(stuck):
    now = [100.0]
    keeper = Keeper(stuck, most_waiting=0, clock=lambda: now[0])
    keeper.keep("p", tier("here"), as_of=NOW)
    stuck.lying = tier("there"), number_of(NOW - timedelta(hours=1))
    for _ in range(3):
        now[0] += 59
        assert keeper.find("p") == tier("here")
    now[0] += 61
    assert keeper.find("p") == tier("there")


@pytest.mark.parametrize(("seconds", "newest"), [(-1, "here"), (0, "there"), (1, "there")])
def test_the_newest_is_found_whichever_process_told_it(stuck, seconds, newest):
    keeper = Keeper(stuck, most_waiting=0)
    keeper.keep("p", tier("here"), as_of=NOW)
    stuck.lying = tier("there"), number_of(NOW + timedelta(seconds=seconds))
    assert keeper.find("p") == tier(newest)
    stuck.lying = None
    assert keeper.find("p") == tier(newest)


@pytest.mark.parametrize(("seconds", "known"), [(1, "first"), (60, "first"), (61, "second")])
def test_an_answer_that_was_overtaken_is_not_the_last_one_but_one_of_a_wrong_clock_is(stuck, seconds, known):
    keeper = Keeper(stuck, most_waiting=0)
    keeper.keep("p", tier("first"), as_of=NOW)
    keeper.keep("p", tier("second"), as_of=NOW - timedelta(seconds=seconds))
    assert keeper.find("p") == tier(known)


def test_a_fault_of_one_is_no_reason_to_forget_the_next(stuck):
    keeper = Keeper(stuck)
    stuck.released.set()
    keeper.keep("p", {}, as_of=NOW)
    keeper.keep("q", tier("basic"), as_of=NOW)
    keeper.close()
    assert stuck.kept == [("q", "basic"), "closed"]


def test_what_was_given_before_the_end_is_on_the_disk_and_nothing_after_it(tmp_path):
    path = tmp_path / "access.sqlite"
    keeper = Keeper(AccessCache(path, b"k" * 32))
    keeper.keep("p", ANSWER, as_of=NOW)
    keeper.close()
    keeper.keep("q", ANSWER, as_of=NOW)
    again = AccessCache(path, b"k" * 32)
    assert (again.find("p"), again.find("q")) == (ANSWER, None)
    again.close()
