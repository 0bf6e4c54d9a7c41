"""Redis behind Sentinels: what rings and what wakes finds the primary, before and after it is another server."""

import threading
import time

import pytest

from shared import broker, waking
from shared.broker import Nudge
from shared.rules.lanes import OPEN_CRISIS
from shared.waking import Waker
from tests.running import until
from tests.sentinels import Watched

NUDGE = Nudge((1,), "crisis", OPEN_CRISIS)


@pytest.fixture
def watched(tmp_path):
    watched = Watched(tmp_path / "valkey")
    watched.start()
    yield watched
    watched.stop()


def test_bells_and_wakers_follow_the_primary(watched):
    client = broker.connect(watched.url, timeout_seconds=0.5)
    bell = broker.Doorbell(client, most_waiting=10)
    woken = threading.Event()
    waker = Waker(watched.url, waking.OWED, lambda message: woken.set() if message else None, every=0.2)
    assert bell.ring([NUDGE])
    until(lambda: waking.publish(client, waking.OWED, b"before") and woken.wait(0.1))
    woken.clear()
    first = watched.kill_primary()
    began = time.monotonic()
    assert not bell.ring([NUDGE])
    assert time.monotonic() - began < 5, "three Sentinels and a server, half a second each"
    watched.wait_for_another(first)
    until(lambda: bell.ring([NUDGE]))
    until(lambda: waking.publish(client, waking.OWED, b"after") and woken.wait(0.1))
    waker.close()
    bell.close()


def test_a_frozen_sentinel_costs_one_wait(watched):
    next(iter(watched.sentinels.values())).process.send_signal(19)
    bell = broker.Doorbell(broker.connect(watched.url, timeout_seconds=0.5), most_waiting=10)
    assert bell.ring([NUDGE])
    bell.close()
