"""However many sign in at once, the door's threads are left to its other calls."""

import threading

import pytest

from ingress.console.guarding import few_at_once
from shared.errors import TransientError

WAIT_SECONDS = 20


def test_who_finds_no_place_is_asked_to_come_again_and_the_places_come_back():
    goes_on, inside, few = threading.Event(), threading.Semaphore(0), few_at_once(2)

    @few
    def slow():
        inside.release()
        goes_on.wait(WAIT_SECONDS)
        return "done"

    @few
    def quick():
        return "done"

    threads = [threading.Thread(target=slow) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert all(inside.acquire(timeout=WAIT_SECONDS) for _ in threads)
    with pytest.raises(TransientError):
        quick()
    goes_on.set()
    for thread in threads:
        thread.join()
    assert [quick(), slow()] == ["done"] * 2


def test_a_view_that_fails_gives_its_place_back():
    @few_at_once(1)
    def failing():
        raise KeyError("x")

    for _ in range(3):
        with pytest.raises(KeyError):
            failing()
