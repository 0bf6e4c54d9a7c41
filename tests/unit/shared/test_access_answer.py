"""Whoever asks about access gets an answer in time: computed, else the last known, else the safe default."""

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest

from shared.access_answer import AccessAnswers, Limits
from shared.access_cache import AccessCache
from shared.errors import TransientError
from shared.rules.standing import Policy
from shared.rules.tiers import BASE, CRISIS_SET
from tests.factories.people import NOW, ago

SUBSCRIPTION = {
    "id": "sub_1",
    "state": {"status": "active", "tier_metadata": "premium"},
    "latest_at": ago(30).isoformat(),
    "moves": [["active", ago(30).isoformat()]],
}
NONE_OF = {"invoices": [], "crises": [], "emergencies": []}
ROW = {"read_at": NOW, "grace_days": None, "subscriptions": [SUBSCRIPTION], **NONE_OF}
NOTHING = {"userId", "accessLevel", "features", "emergencyFeatures", "message", "hotline", "asOf", "degraded"}


class Database:
    """Stands in for the pool: answers with `row`, or does what `trouble` does."""

    def __init__(self):
        self.row, self.trouble, self.asked = ROW, None, threading.Semaphore(0)

    @contextmanager
    def transaction(self):
        self.asked.release()
        if self.trouble is not None:
            self.trouble()
        yield self

    def execute(self, _query, _parameters):
        return self

    def fetchone(self):
        return self.row


def away():
    raise TransientError("away", code="database_away")


def broken():
    raise RuntimeError("a bug")


@pytest.fixture
def database():
    return Database()


@pytest.fixture
def answers(database, tmp_path):
    """A budget that no sound answer needs, and no second look within the test unless it asks for one."""
    made = []

    def make(**limits):
        cache = AccessCache(tmp_path / "access.sqlite", b"k" * 32)
        usual = {"budget_seconds": 20.0, "threads": 2, "quiet_seconds": 1000.0}
        one = AccessAnswers(database, cache, Policy(), limits=Limits(**usual | limits), clock=lambda: NOW)
        made.append((one, cache))
        return one

    yield make
    for one, cache in made:
        one.close()
        cache.close()


def summary(document):
    return document["accessLevel"], document["tier"], document["degraded"]


def test_it_is_computed_when_the_database_answers(answers):
    assert summary(answers().answer("p")) == ("full", "premium", False)


@pytest.mark.parametrize("trouble", [away, broken])
def test_the_last_known_answer_stands_in_also_for_a_process_started_since(answers, database, trouble):
    assert answers().answer("p")["degraded"] is False
    database.trouble = trouble
    document = answers().answer("p")
    assert summary(document) == ("full", "premium", True)
    assert document["asOf"] == "2026-03-10T12:00:00Z"


@pytest.mark.parametrize("trouble", [away, broken])
def test_of_whom_nothing_is_known_the_safe_default_is_told(answers, database, trouble):
    database.trouble = trouble
    document = answers().answer("p")
    assert summary(document) == ("crisis_only", "none", True)
    assert set(CRISIS_SET) <= set(document["features"])
    assert all(document["emergencyFeatures"].values())
    assert "988" in document["message"]
    assert set(document) > NOTHING


def test_a_person_nobody_told_us_of_has_what_everybody_has(answers, database):
    database.row = None
    document = answers().answer("stranger")
    assert summary(document) == ("essential", "none", False)
    assert document["features"] == list(BASE)


def test_what_was_read_before_does_not_take_the_place_of_what_was_read_after(answers, database):
    desk = answers()
    desk.answer("p")
    database.row = ROW | {"subscriptions": [], "read_at": ago(0) - timedelta(milliseconds=1)}
    assert summary(desk.answer("p")) == ("essential", "none", False)
    database.trouble = away
    assert summary(desk.answer("p")) == ("full", "premium", True)


def test_a_database_that_hangs_is_not_waited_for(answers, database):
    """The answer is there while the database is still asked."""
    release = threading.Event()
    database.trouble = lambda: release.wait(60)
    assert answers(budget_seconds=0.01).answer("p")["degraded"] is True
    release.set()


def test_after_a_failure_nobody_waits(answers, database):
    database.trouble = away
    desk = answers()
    for _ in range(5):
        assert desk.answer("p")["degraded"] is True
    assert database.asked.acquire(blocking=False)
    assert not database.asked.acquire(blocking=False), "the database was asked once"


def test_when_the_database_is_back_it_is_found_by_looking_again(answers, database):
    database.trouble = away
    desk = answers(quiet_seconds=0.0)
    assert desk.answer("p")["degraded"] is True
    database.trouble = None
    documents = (desk.answer("p") for _ in range(100_000))
    assert summary(next(one for one in documents if not one["degraded"])) == ("full", "premium", False)


def test_threads_that_hang_do_not_hold_up_those_who_come_after(answers, database):
    release = threading.Event()
    database.trouble = lambda: release.wait(60)
    desk = answers(budget_seconds=0.01, quiet_seconds=0.0, threads=1)
    assert [desk.answer("p")["degraded"] for _ in range(20)] == [True] * 20
    release.set()


def test_a_cache_that_raises_is_no_reason_not_to_answer(answers, database, monkeypatch):
    desk = answers()
    database.trouble = away
    monkeypatch.setattr(desk._cache, "find", lambda _user_id: broken())
    assert summary(desk.answer("p")) == ("crisis_only", "none", True)


def test_after_closing_it_still_answers(answers):
    desk = answers()
    desk.close()
    assert desk.answer("p")["degraded"] is True
