"""Whoever reads notices is woken through Redis, and by the clock where Redis is gone."""

import queue
import threading
from ipaddress import ip_network
from types import SimpleNamespace

import pytest
import redis

from shared import callbacks, notices, outbox, waking
from shared.callbacks import Wanted
from shared.config import Settings
from shared.waking import Bell, Waker
from tests.fakes.receiver import OK, Receiver, hangs
from tests.running import until
from workers import deliver
from workers.placing import Placing, Woken

KEY = b"c" * 32
NOWHERE = "redis://127.0.0.1:1/0"


def owe(conn, cause):
    notices.owe(conn, cause=cause, kind="access:updated", recipient="person:p", data={})


@pytest.fixture
def delivering(database_url, tmp_path):
    """The loop of the process, in a thread."""
    stop, woken, threads = threading.Event(), Woken(), []

    def start(redis_url, **changes):
        parts = {"database_url": database_url, "redis_url": redis_url, "home": tmp_path, "callback_key": KEY}
        threads.append(threading.Thread(target=deliver.run, args=[Settings(**parts | changes), stop, woken]))
        threads[0].start()
        return SimpleNamespace(stop=stop, thread=threads[0])

    yield start
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_a_bell_after_the_commit_leads_to_a_message_that_says_who_was_told(valkey_url, delivering, conn):
    told = queue.Queue()
    waker = Waker(valkey_url, waking.TOLD, told.put, every=5)
    bell = Bell(valkey_url)
    delivering(valkey_url)
    owe(conn, "one")
    bell.ring()
    marks = until(lambda: waking.read_marks(told.get(timeout=10)))
    assert [(mark.position, mark.recipient, mark.kind) for mark in marks] == [(1, "person:p", "access:updated")]
    bell.close()
    waker.close()


@pytest.mark.parametrize("redis_url", [None, NOWHERE])
def test_without_a_broker_the_clock_wakes(redis_url, delivering, conn):
    woken = threading.Event()
    waker = Waker(redis_url, waking.TOLD, lambda _: woken.set(), every=0.05)
    bell = Bell(redis_url)
    delivering(redis_url)
    owe(conn, "one")
    bell.ring()
    assert until(lambda: outbox.newest(conn)) == 1
    assert woken.wait(10)
    bell.close()
    waker.close()


def test_notices_are_told_while_a_process_that_stops_waits_for_its_last_callback(delivering, conn):
    receiver = Receiver()
    receiver.behave(hangs, OK)
    callbacks.add(conn, Wanted("backend", receiver.url), actor="test", key=KEY)
    delivery = delivering(None, callback_networks=(ip_network("127.0.0.0/8"),))
    owe(conn, "one")
    until(lambda: receiver.requests)
    delivery.stop.set()
    owe(conn, "two")
    until(lambda: outbox.newest(conn) == 2)
    assert delivery.thread.is_alive()
    receiver.close()


def test_a_listener_that_lost_its_connection_listens_again_and_looks_for_what_it_missed(valkey_url, broker_client):
    heard = queue.Queue()
    waker = Waker(valkey_url, "carelane:test", heard.put, every=0.05)
    until(lambda: broker_client.publish("carelane:test", b"1"))
    until(lambda: heard.get(timeout=10) == b"1")
    broker_client.client_kill_filter(_type="pubsub")
    until(lambda: broker_client.publish("carelane:test", b"2"))
    until(lambda: heard.get(timeout=10) == b"2")
    waker.close()


def test_a_connection_on_which_nothing_is_said_is_made_anew_and_nothing_missed(valkey_url, broker_client, monkeypatch):
    monkeypatch.setattr(waking, "_RENEWAL_SECONDS", 0.0)
    heard = queue.Queue()
    waker = Waker(valkey_url, "carelane:test3", heard.put, every=0.02)
    for _ in range(20):
        heard.get(timeout=10)

    def is_heard():
        broker_client.publish("carelane:test3", b"1")
        return heard.get(timeout=10) == b"1"

    until(is_heard)
    waker.close()


def test_a_listener_outlives_one_that_fails_at_a_message(valkey_url):
    heard = queue.Queue()

    def wake(message):
        heard.put(message)
        raise RuntimeError

    waker = Waker(valkey_url, "carelane:test2", wake, every=0.01)
    assert [heard.get(timeout=10) for _ in range(3)] == [b"", b"", b""]
    waker.close()


@pytest.mark.parametrize("junk", [b"", b"{", b"5", b"[5]", b'[{"position": 1}]', b"\xff"])
def test_a_message_that_is_none_of_ours_says_nothing(junk):
    assert waking.read_marks(junk) == ()


def test_positions_are_given_though_nobody_can_be_told_of_them(pool, conn):
    owe(conn, "one")
    assert Placing(pool, redis.Redis.from_url(NOWHERE, retry=None)).place_all() == 1
    assert outbox.newest(conn) == 1
