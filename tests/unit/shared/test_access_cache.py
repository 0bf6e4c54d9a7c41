"""The last answers survive a restart, say nothing to a thief, and never fail anybody."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

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
    cache.keep("p", ANSWER)
    cache.close()
    again = AccessCache(path, KEY)
    assert again.find("p") == ANSWER
    assert again.find("q") is None
    again.close()


def test_two_processes_share_the_file(cache, path):
    other = AccessCache(path, KEY)
    other.keep("p", ANSWER)
    cache.keep("p", {**ANSWER, "tier": "basic"})
    assert other.find("p")["tier"] == "basic"
    other.close()


def test_what_says_the_same_is_not_written_again(cache, path):
    for as_of in ("1", "2"):
        cache.keep("p", {**ANSWER, "asOf": as_of})
    with sqlite3.connect(path) as look:
        assert look.execute("SELECT max(number) FROM answers").fetchone() == (1,)
    look.close()


def test_nothing_on_the_disk_tells_who_or_what(cache, path):
    cache.keep("maria-7", {**ANSWER, "crisis": {"active": True, "severity": "imminent"}})
    cache.close()
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"maria" not in everything
    assert b"imminent" not in everything
    assert path.stat().st_mode & 0o077 == 0


def test_an_answer_of_another_person_or_under_another_key_does_not_open(cache, path):
    cache.keep("p", ANSWER)
    cache.keep("q", ANSWER)
    with sqlite3.connect(path) as meddler:
        (sealed,) = meddler.execute("SELECT sealed FROM answers WHERE number = 1").fetchone()
        meddler.execute("UPDATE answers SET sealed = ? WHERE number = 2", (sealed,))
    meddler.close()
    assert cache.find("p") == ANSWER
    assert cache.find("q") is None
    stranger = AccessCache(path, b"x" * 32)
    assert stranger.find("p") is None
    stranger.close()


def test_a_damaged_file_is_begun_anew(cache, path):
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    assert cache.find("p") is None
    cache.keep("p", ANSWER)
    assert cache.find("p") == ANSWER


def test_a_place_that_cannot_be_written_fails_nobody(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = AccessCache(tmp_path / "file" / "access.sqlite", KEY)
    cache.keep("p", ANSWER)
    assert cache.find("p") is None


def test_only_so_many_are_kept_the_newest(path, monkeypatch):
    monkeypatch.setattr("shared.access_cache._PRUNED_EVERY", 2)
    cache = AccessCache(path, KEY, most=3)
    for number in range(9):
        cache.keep(f"p{number}", ANSWER)
    assert [number for number in range(9) if cache.find(f"p{number}")] == [6, 7, 8]
    cache.close()


def test_threads_may_share_it(cache):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: cache.keep(f"p{number % 3}", {**ANSWER, "tier": str(number)}), range(40)))
    assert all(cache.find(f"p{number}") for number in range(3))
