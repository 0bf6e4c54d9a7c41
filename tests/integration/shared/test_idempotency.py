"""Kept answers: found by the one who may, forgotten in time."""

import pytest

from shared import idempotency
from shared.idempotency import Answer, OtherRequest, key_of
from tests.integration.conftest import LOOKUP_KEY
from workers.maintenance import upkeep

DONE = Answer(201, {"crisisId": "1"})


def key(**changes):
    return key_of(LOOKUP_KEY, **{"caller": "token:backend", "chosen": "k", "request": b"body"} | changes)


def test_nobody_finds_it_but_who_comes_with_the_same(pool):
    with pool.transaction() as own:
        assert idempotency.begin(own, key()) is None
        idempotency.finish(own, key(), DONE)
    with pool.transaction() as own:
        assert idempotency.begin(own, key()) == DONE
        assert idempotency.find(own, key(caller="token:another")) is None
        assert idempotency.find(own, key(chosen="k2")) is None
        with pytest.raises(OtherRequest):
            idempotency.find(own, key(request=b"another body"))


def test_what_was_rolled_back_was_never_there(pool):
    with pytest.raises(ZeroDivisionError), pool.transaction() as own:
        idempotency.begin(own, key())
        raise ZeroDivisionError
    with pool.transaction() as own:
        assert idempotency.find(own, key()) is None


def test_of_two_that_were_done_at_once_the_first_answer_stays(pool):
    with pool.transaction() as own:
        idempotency.note(own, key(), DONE)
        idempotency.note(own, key(), Answer(200, {}))
        assert idempotency.find(own, key()) == DONE


def test_an_answer_is_forgotten_after_a_day(pool, conn):
    with pool.transaction() as own:
        idempotency.note(own, key(), DONE)
        idempotency.note(own, key(chosen="old"), DONE)
    conn.execute(
        "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE name = %s", [key(chosen="old").name]
    )
    upkeep(pool)
    with pool.transaction() as own:
        assert idempotency.find(own, key()) == DONE
        assert idempotency.find(own, key(chosen="old")) is None
