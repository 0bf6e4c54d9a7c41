"""The last answers survive a restart, say nothing to a thief, and never fail anybody."""

import fcntl
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.access_cache import AccessCache
from shared.access_document import safe_default
from tests.factories.people import NOW

KEY = b"k" * 32
ANSWER = {**safe_default("p", NOW), "accessLevel": "full", "degraded": False}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "cache" / "access.sqlite"


@pytest.fixture
def cache(path):
    cache = AccessCache(path, KEY)
    yield cache
    cache.close()


def test_an_answer_survives_the_process_that_kept_it(cache, path):
    cache.keep("p", ANSWER, as_of=NOW)
    cache.close()
    again = AccessCache(path, KEY)
    assert again.find("p") == ANSWER
    assert again.find("q") is None
    again.close()


def test_while_another_process_makes_the_file_nobody_waits_for_long(cache, path):
    path.parent.mkdir()
    directory = os.open(path.parent, os.O_RDONLY)
    fcntl.flock(directory, fcntl.LOCK_EX)
    assert cache.find("p") is None
    os.close(directory)
    cache.keep("p", ANSWER, as_of=NOW)
    assert cache.find("p") == ANSWER


def test_two_processes_share_the_file(cache, path):
    other = AccessCache(path, KEY)
    other.keep("p", ANSWER, as_of=NOW)
    cache.keep("p", {**ANSWER, "tier": "basic"}, as_of=NOW)
    assert other.find("p")["tier"] == "basic"
    other.close()


def test_two_processes_never_hold_what_the_other_said_for_their_own(cache, path):
    other = AccessCache(path, KEY)
    for one, tier in ((cache, "crisis"), (other, "calm"), (cache, "crisis")):
        one.keep("p", {**ANSWER, "tier": tier}, as_of=NOW)
    assert other.find("p")["tier"] == "crisis"
    other.close()


def test_what_says_the_same_is_written_again_after_an_hour_only(cache):
    for minutes in (0, 1, 59, 61, 62):
        cache.keep("p", {**ANSWER, "asOf": minutes}, as_of=NOW + timedelta(minutes=minutes))
    assert cache.find("p")["asOf"] == 61


def test_an_answer_does_not_take_the_place_of_one_from_after_it(cache):
    danger, calm = {**ANSWER, "tier": "danger"}, {**ANSWER, "tier": "calm"}
    cache.keep("p", danger, as_of=NOW)
    cache.keep("p", calm, as_of=NOW - timedelta(microseconds=1))
    assert cache.find("p") == danger
    cache.keep("p", calm, as_of=NOW)
    assert cache.find("p") == calm


def test_a_clock_that_was_set_back_does_not_end_remembering(cache):
    cache.keep("p", ANSWER, as_of=NOW + timedelta(days=365))
    cache.keep("p", {**ANSWER, "tier": "basic"}, as_of=NOW)
    assert cache.find("p")["tier"] == "basic"


def test_reading_waits_for_no_writing_and_for_nobody_long(cache):
    cache.keep("p", ANSWER, as_of=NOW)
    with cache._writing._lock:
        assert cache.find("p") == ANSWER
    with cache._reading._lock:
        assert cache.find("p") is None


def test_nothing_on_the_disk_tells_who_or_what(cache, path):
    cache.keep("maria-7", {**ANSWER, "crisis": {"active": True, "severity": "imminent"}}, as_of=NOW)
    cache.close()
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"maria" not in everything
    assert b"imminent" not in everything
    assert path.stat().st_mode & 0o077 == 0


def test_an_answer_of_another_person_or_under_another_key_does_not_open(cache, path):
    cache.keep("p", ANSWER, as_of=NOW)
    cache.keep("q", ANSWER, as_of=NOW)
    with sqlite3.connect(path) as meddler:
        (sealed,) = meddler.execute("SELECT sealed FROM answers WHERE name = ?", (cache._name("p"),)).fetchone()
        meddler.execute("UPDATE answers SET sealed = ?", (sealed,))
    meddler.close()
    assert cache.find("p") == ANSWER
    assert cache.find("q") is None
    cache.keep("q", ANSWER, as_of=NOW)
    assert cache.find("q") == ANSWER
    stranger = AccessCache(path, b"x" * 32)
    assert stranger.find("p") is None
    stranger.close()


def test_a_damaged_file_is_begun_anew(cache, path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    assert cache.find("p") is None
    cache.keep("p", ANSWER, as_of=NOW)
    assert cache.find("p") == ANSWER


def test_a_file_that_was_taken_away_is_begun_anew(cache, path):
    cache.keep("p", ANSWER, as_of=NOW)
    assert cache.find("p") == ANSWER
    path.unlink()
    assert cache.find("p") is None
    cache.keep("p", ANSWER, as_of=NOW)
    assert cache.find("p") == ANSWER


def test_a_place_that_cannot_be_written_fails_nobody(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = AccessCache(tmp_path / "file" / "access.sqlite", KEY)
    cache.keep("p", ANSWER, as_of=NOW)
    assert cache.find("p") is None


def test_only_so_many_are_kept_the_newest(path, monkeypatch):
    monkeypatch.setattr("shared.access_cache._PRUNED_EVERY", 2)
    cache = AccessCache(path, KEY, most=3)
    for number in range(9):
        cache.keep(f"p{number}", ANSWER, as_of=NOW + timedelta(minutes=number))
    assert [number for number in range(9) if cache.find(f"p{number}")] == [6, 7, 8]
    cache.keep("p0", ANSWER, as_of=NOW + timedelta(minutes=9))
    assert cache.find("p0") == ANSWER
    cache.close()


def test_one_person_whose_answer_changes_often_drives_out_nobody(path, monkeypatch):
    monkeypatch.setattr("shared.access_cache._PRUNED_EVERY", 2)
    cache = AccessCache(path, KEY, most=3)
    cache.keep("p", ANSWER, as_of=NOW)
    for number in range(9):
        cache.keep("q", {**ANSWER, "tier": str(number)}, as_of=NOW + timedelta(minutes=number))
    assert cache.find("p") == ANSWER
    cache.close()


def test_threads_may_share_it(cache):
    with ThreadPoolExecutor(4) as threads:
        answers = [(f"p{number % 3}", {**ANSWER, "tier": str(number)}) for number in range(40)]
        list(threads.map(lambda one: cache.keep(*one, as_of=NOW), answers))
    assert all(cache.find(f"p{number}") for number in range(3))
