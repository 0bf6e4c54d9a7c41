"""The threads that send: danger has one of its own, and what is being sent is waited for."""

import pytest

from shared.db import Pool
from tests.fakes import receiver as bad
from tests.fakes.receiver import OK
from tests.running import until
from workers.callbacks import Senders


@pytest.fixture
def senders(sending, database_url, pool):
    """Begun by looking over another pool than the one they use."""
    own = Pool(database_url, name="senders", size=4)
    senders = Senders(sending(pool=own, seconds=120))

    def look():
        senders.look(pool)
        return senders

    yield look
    senders.close()


def test_callbacks_that_hang_do_not_keep_one_about_danger_waiting(receiver, endpoint, tell, senders, conn):
    endpoint(receiver.url)
    receiver.behave(bad.hangs, bad.hangs, OK)
    for number in range(3):
        tell(recipient=f"person:{number}")
    senders(), senders()  # each look begins one more
    until(lambda: len(receiver.requests) == 2)
    tell(kind="crisis:activated", recipient="person:9")
    senders()
    query = "SELECT count(*) AS n FROM callback_deliveries WHERE is_urgent AND outcome = 'delivered'"
    until(lambda: conn.execute(query).fetchone()["n"] == 1)
    assert len(receiver.requests) == 3, "the third about nobody in danger waits for its turn"
    receiver.close()


def test_a_process_that_stops_waits_for_what_it_is_sending(receiver, endpoint, tell, senders, deliveries):
    def slow(conn, stop):
        stop.wait(0.5)
        conn.sendall(OK)

    receiver.behave(slow)
    endpoint(receiver.url)
    tell()
    begun = senders()
    until(lambda: receiver.requests)
    begun.close()
    assert deliveries() == [("delivered", None, 1)]


def test_all_that_is_told_reaches_every_endpoint(receiver, endpoint, tell, senders, deliveries):
    endpoint(receiver.url, name="one")
    endpoint(receiver.url, name="two")
    for number in range(10):
        tell(recipient=f"person:{number % 3}")
    senders()
    until(lambda: all(outcome == "delivered" for outcome, _, _ in deliveries()))
    assert len(receiver.requests) == 20
