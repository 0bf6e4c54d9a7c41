import os
import signal

import pytest

from ingress.cli.up.stopping import Stopped, StopWish


@pytest.fixture
def wish():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    wish = StopWish()
    wish.listen()
    yield wish
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_a_signal_is_noted_and_looked_at_later(wish):
    wish.check()
    os.kill(os.getpid(), signal.SIGTERM)
    assert wish.is_made
    with pytest.raises(Stopped):
        wish.check()


def test_a_call_that_blocks_is_left_at_once(wish):
    with pytest.raises(Stopped), wish.interrupting():
        os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)
    assert wish.count == 2


def test_nothing_that_blocks_is_begun_after_the_wish(wish):
    os.kill(os.getpid(), signal.SIGTERM)
    begun = []
    with pytest.raises(Stopped), wish.interrupting():
        begun.append(True)
    assert not begun
