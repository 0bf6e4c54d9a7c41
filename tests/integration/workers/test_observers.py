"""Observers hear of every event after its commit, and nothing that they do reaches the walk."""

import dataclasses
import threading

import pytest
from prometheus_client import REGISTRY

from shared.errors import TransientError
from tests.factories.arrivals import arrival, subscription_event
from tests.fakes.extensions import Handler
from tests.running import until
from workers.extensions import Extension
from workers.observers import Observers

TYPE = "mandate.updated"
SECONDS = 30.0  # how long a test waits for what must come


class Seeing:
    """Notes all that it is told, and whether it was committed by then."""

    def __init__(self, look=lambda seen: None):
        self.seen = []
        self.looks = []
        self._look = look

    def on_event_received(self, seen):
        self._note("received", seen)

    def on_event_processed(self, seen):
        self._note("processed", seen)

    def on_error(self, seen):
        self._note("error", seen)

    def _note(self, hook, seen):
        self.looks.append(self._look(seen))
        self.seen.append((hook, seen))


class Blocking(Seeing):
    """Waits, before it notes anything, for its test to open the gate."""

    def __init__(self):
        super().__init__(lambda seen: self.gate.wait(SECONDS))
        self.gate = threading.Event()


class Raising:
    def __init__(self, error):
        self.error, self.calls = error, 0

    def on_event_received(self, seen):
        self.calls += 1
        raise self.error

    on_event_processed = on_event_received


@pytest.fixture
def watch(processor):
    """The processor with these observers; its threads are done with when the test is."""
    made = []

    def watch(*observers, **changes):
        made.append(Observers([Extension(type(one).__name__, one) for one in observers], most_waiting=1000))
        return dataclasses.replace(processor, observers=made[-1], **changes)

    yield watch
    for observers in made:
        observers.stop()


def dropped():
    return REGISTRY.get_sample_value("carelane_observations_lost_total", {"why": "dropped"}) or 0


def told(seeing):
    return [(hook, seen.state, seen.attempt, seen.series, seen.reason_code) for hook, seen in seeing.seen]


def test_an_event_is_told_when_it_is_taken_up_and_when_it_has_ended(watch, inbox):
    seeing, before = Seeing(), inbox.keep(arrival(subscription_event(account="acct_1")), nudged=True)
    processor = watch(seeing)
    assert processor.process(before.row_id) == "processed"
    processor.process(inbox.keep(arrival(subscription_event(type="charge.succeeded")), nudged=True).row_id)
    processor.observers.stop(limit_seconds=SECONDS)
    assert told(seeing) == [
        ("received", "processing", 1, 1, None),
        ("processed", "processed", 1, 1, None),
        ("received", "processing", 1, 1, None),
        ("processed", "ignored", 1, 1, "no_handler"),
    ]
    first = seeing.seen[0][1]
    assert (first.row_id, first.type, first.account) == (before.row_id, "customer.subscription.created", "acct_1")
    assert (first.livemode, first.lane) == (False, "standard")
    assert first.received_at < first.observed_at


def test_a_failure_is_told_at_each_attempt_and_a_series_begins_once(watch, inbox, conn):
    def act(conn, event):
        raise TransientError("away", code="other_side_away")

    seeing = Seeing()
    processor = watch(seeing, handlers={TYPE: Extension("mandates", Handler(TYPE, act=act))})
    row_id = inbox.keep(arrival(subscription_event(type=TYPE)), nudged=True).row_id
    for _ in range(2):
        assert processor.process(row_id) == "retrying"
        conn.execute("UPDATE events SET next_attempt_at = now()")
    conn.execute("UPDATE events SET series = 2, attempts = 0")
    processor = dataclasses.replace(processor, handlers={TYPE: Extension("mandates", Handler(TYPE))})
    assert processor.process(row_id) == "processed"
    broken = inbox.keep(arrival(subscription_event(object={"status": 7})), nudged=True)
    assert processor.process(broken.row_id) == "dead"
    processor.observers.stop(limit_seconds=SECONDS)
    assert told(seeing) == [
        ("received", "processing", 1, 1, None),
        ("error", "retrying", 1, 1, "other_side_away"),
        ("error", "retrying", 2, 1, "other_side_away"),
        ("received", "processing", 1, 2, None),
        ("processed", "processed", 1, 2, None),
        ("received", "processing", 1, 1, None),
        ("error", "dead", 1, 1, "schema"),
    ]


def test_what_is_told_is_committed(watch, inbox, database_url, pool):
    def look(seen):
        with pool.transaction() as conn:
            return conn.execute("SELECT state FROM events WHERE id = %s", [seen.row_id]).fetchone()["state"]

    seeing = Seeing(look)
    processor = watch(seeing)
    processor.process(inbox.keep(arrival(), nudged=True).row_id)
    processor.observers.stop(limit_seconds=SECONDS)
    # Of the claim it may hear when the event has ended already; of the end never before.
    assert seeing.looks[0] in {"processing", "processed"}
    assert seeing.looks[1] == "processed"


def test_one_that_blocks_holds_up_neither_the_walk_nor_another(watch, inbox):
    blocking, seeing = Blocking(), Seeing()
    processor = watch(blocking, seeing)
    rows = [inbox.keep(arrival(), nudged=True).row_id for _ in range(20)]
    assert {processor.process(row_id) for row_id in rows} == {"processed"}
    until(lambda: len(seeing.seen) == 40, seconds=SECONDS)
    assert blocking.seen == []
    # A stop waits for it a moment and no longer: this would hang otherwise.
    processor.observers.stop(limit_seconds=0.1)
    assert blocking.seen == []
    blocking.gate.set()


def test_a_full_queue_drops_what_comes_and_the_walk_goes_on(processor, inbox):
    blocking, before = Blocking(), dropped()
    full = dataclasses.replace(processor, observers=Observers([Extension("blocking", blocking)], most_waiting=3))
    rows = [inbox.keep(arrival(), nudged=True).row_id for _ in range(10)]
    assert {full.process(row_id) for row_id in rows} == {"processed"}
    blocking.gate.set()
    full.observers.stop(limit_seconds=SECONDS)
    # One in hand, or none yet, and three that waited.
    assert len(blocking.seen) in {3, 4}
    assert dropped() - before == 20 - len(blocking.seen)


@pytest.mark.parametrize("error", [KeyError("jane@example.org"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_one_that_raises_is_called_again_and_changes_nothing(watch, inbox, error):
    raising, seeing = Raising(error), Seeing()
    processor = watch(raising, seeing)
    for _ in range(3):
        assert processor.process(inbox.keep(arrival(), nudged=True).row_id) == "processed"
    processor.observers.stop(limit_seconds=SECONDS)
    assert raising.calls == len(seeing.seen) == 6
