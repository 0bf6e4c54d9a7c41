"""What lacks something is taken up the moment it appears, and neither side misses the other."""

import dataclasses
import threading

import pytest

from shared import parking
from shared.errors import NotYet
from tests.factories.arrivals import arrival
from workers import ledger
from workers.ledger import Reason, Settlement

WANTED = "payout:po_1"


class _Asking:
    """A reader that stands in for a handler to whom Stripe has not answered yet."""

    def open(self, sealed, identity):
        raise NotYet("Stripe has not answered", code="no_answer", waits_for=WANTED, retry_after_seconds=7)


def row(conn):
    return conn.execute("SELECT *, next_attempt_at - now() AS wait FROM events").fetchone()


def park(inbox, processor):
    kept = inbox.keep(arrival(), nudged=True)
    assert dataclasses.replace(processor, reader=_Asking()).process(kept.row_id) == "retrying"
    return kept


def orphan(inbox, pool):
    kept = inbox.keep(arrival(), nudged=True)
    with pool.transaction() as conn:
        (claim,) = ledger.claim(conn, [kept.row_id], worker="test", lease_seconds=30)
        parking.look_for(conn, WANTED)
        end = Settlement("ignored", Reason("ignored", "orphan", "nobody owes it"), (WANTED, "metadata:po_1"))
        ledger.settle(conn, [(claim.held, end)])
    return kept


def test_a_parked_event_waits_by_its_own_schedule(inbox, processor, conn):
    park(inbox, processor)
    found = row(conn)
    assert (found["state"], found["reason_class"], found["waits_for"]) == ("retrying", "not-yet", [WANTED])
    assert 5 < found["wait"].total_seconds() <= 7


def test_a_parked_event_is_due_at_once_when_what_it_lacks_appears(inbox, processor, pool, conn):
    kept = park(inbox, processor)
    assert processor.process(kept.row_id) == "not waiting"
    with pool.transaction() as own:
        assert parking.wake(own, "payout:another") == 0
        assert parking.wake(own, WANTED) == 1
    assert (row(conn)["series"], row(conn)["attempts"], row(conn)["nudged_at"]) == (1, 1, None)
    assert processor.process(kept.row_id) == "processed"
    assert row(conn)["waits_for"] is None


def test_an_orphan_is_ignored_and_examined_again_when_it_is_claimed(inbox, processor, pool, conn):
    kept = orphan(inbox, pool)
    assert row(conn)["state"] == "ignored"
    with pool.transaction() as own:
        assert parking.wake(own, WANTED) == 1
    assert (row(conn)["state"], row(conn)["series"], row(conn)["settled_at"]) == ("retrying", 2, None)
    audited = conn.execute("SELECT before, after FROM audit WHERE act = 'event.woken'").fetchone()
    assert (audited["before"], audited["after"]) == ({"state": "ignored"}, {"state": "retrying", "series": 2})
    assert processor.process(kept.row_id) == "processed"


def test_waking_is_bounded_and_says_when_nothing_is_left(inbox, pool):
    for _ in range(5):
        orphan(inbox, pool)
    woken = []
    while not woken or woken[-1]:
        with pool.transaction() as own:
            woken.append(parking.wake(own, WANTED, most=2))
    assert woken == [2, 2, 1, 0]


@pytest.mark.parametrize("first", ["looker", "waker"])
def test_neither_side_misses_the_other(first, inbox, pool, conn):
    """The thing is a row of `people`; each side holds its lock while the other arrives."""
    kept = inbox.keep(arrival(), nudged=True)
    entered, go_on, seen = threading.Event(), threading.Event(), []

    def pause(name):
        if name == first:
            entered.set()
            assert go_on.wait(10)

    def look():
        with pool.transaction() as own:
            (claim,) = ledger.claim(own, [kept.row_id], worker="test", lease_seconds=30)
            parking.look_for(own, WANTED)
            pause("looker")
            seen.append(own.execute("SELECT FROM people WHERE user_id = 'po_1'").fetchone() is not None)
            end = (
                Settlement("processed")
                if seen[0]
                else Settlement("ignored", Reason("ignored", "orphan", "x"), (WANTED,))
            )
            ledger.settle(own, [(claim.held, end)])

    def bring():
        with pool.transaction() as own:
            own.execute("INSERT INTO people (user_id) VALUES ('po_1')")
            parking.wake(own, WANTED)
            pause("waker")

    order = [look, bring] if first == "looker" else [bring, look]
    threads = [threading.Thread(target=step) for step in order]
    threads[0].start()
    assert entered.wait(10)
    threads[1].start()
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert row(conn)["state"] == ("retrying" if first == "looker" else "processed")
    assert seen == [first == "waker"]
