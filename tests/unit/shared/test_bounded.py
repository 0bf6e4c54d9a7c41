"""Questions of one call share what the caller waits; the questions' own faults are told as they are."""

import threading
import time
from contextlib import contextmanager

import pytest

from shared.bounded import Bounded, Limits
from shared.errors import TransientError


class Database:
    @contextmanager
    def transaction(self):
        yield self


@pytest.fixture
def make():
    made = []

    def one(**limits):
        made.append(Bounded(Database(), Limits(**{"budget_seconds": 20.0, "quiet_seconds": 1000.0} | limits)))
        return made[-1]

    yield one
    for bounded in made:
        bounded.close()


def test_it_gives_what_the_question_found(make):
    assert make().ask(lambda _conn: 7) == 7


def test_a_caller_who_has_waited_enough_already_waits_no_more(make):
    release = threading.Event()
    with pytest.raises(TransientError):
        make().ask(lambda _conn: release.wait(60), began=time.monotonic() - 20)
    release.set()


def test_who_has_waited_enough_already_asks_nothing_and_nobody_else_is_the_worse_for_it(make):
    bounded, asked = make(), []
    with pytest.raises(TransientError):
        bounded.ask(lambda _conn: asked.append(True), began=time.monotonic() - 20)
    assert bounded.ask(lambda _conn: 7) == 7
    assert asked == []


def test_a_question_that_was_left_little_time_does_not_stop_the_others(make):
    bounded, release = make(), threading.Event()
    with pytest.raises(TransientError):
        bounded.ask(lambda _conn: release.wait(60), began=time.monotonic() - 19.95)
    release.set()
    assert bounded.ask(lambda _conn: 7) == 7


def test_a_question_that_had_its_time_and_got_no_answer_stops_the_others(make):
    bounded, release = make(budget_seconds=1.0), threading.Event()  # a stall of half of it changes nothing
    with pytest.raises(TransientError):
        bounded.ask(lambda _conn: release.wait(60))
    with pytest.raises(TransientError):
        bounded.ask(lambda _conn: 7)
    release.set()


def test_a_fault_of_the_question_is_told_as_it_is_and_stops_no_other(make):
    def broken(_conn):
        raise RuntimeError("a bug")

    bounded = make()
    with pytest.raises(RuntimeError):
        bounded.ask(broken)
    assert bounded.ask(lambda _conn: 7) == 7


def test_after_a_question_that_was_not_answered_the_next_one_is_not_asked(make):
    def away(_conn):
        raise TransientError("away", code="database_away")

    bounded, asked = make(), []
    with pytest.raises(TransientError):
        bounded.ask(away)
    with pytest.raises(TransientError):
        bounded.ask(lambda _conn: asked.append(True))
    assert asked == []
