"""Several members of staff who act on the same events at once: each event is acted on once, and everybody is told."""

import contextlib
import threading

import pytest

from shared import bulk_acts, bulk_work, db, dead_letters, events
from shared.bulk_acts import DISCARD, REPLAY, REQUEUE, Mandate
from shared.pace import Pace

STAFF = 4
LETTERS = 60
DONE = {"state": "processed", "settled_at": "2026-11-20T10:00:00Z"}


@pytest.fixture
def connect(database_url):
    return lambda: db.connect(database_url, name="test")


def together(work):
    """Run `work(number)` in threads that begin at the same moment; their results, in order."""
    barrier = threading.Barrier(STAFF, timeout=60)
    results = [None] * STAFF

    def run(number):
        barrier.wait()
        results[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(STAFF)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def mandate(number):
    return Mandate(f"staff-{number}", "x")


def each_done_once(done, act, conn):
    outcomes = [outcome for one in done for outcome in one]
    carried = [outcome.id for outcome in outcomes if outcome.outcome == act.done]
    assert len(carried) == len(set(carried)) == LETTERS
    audited = conn.execute("SELECT count(*), count(DISTINCT object) AS objects FROM audit").fetchone()
    assert audited == {"count": LETTERS, "objects": LETTERS}
    return {(outcome.outcome, outcome.state) for outcome in outcomes if outcome.outcome != act.done}


@pytest.mark.parametrize(
    ("act", "passed_by"),
    [
        (REQUEUE, ("already_running", "retrying")),
        (DISCARD, ("already_discarded", "dead")),
        (REPLAY, ("already_running", "retrying")),
    ],
)
def test_those_who_name_the_same_events_act_on_each_once(connect, bury, keep, conn, act, passed_by):
    ids = [f"evt_{number}" for number in range(LETTERS)]
    for one in ids:
        keep(one, **DONE) if act is REPLAY else bury(one)

    def work(number):
        # Each names them in another order: locks taken in the order given would meet head-on.
        named = (ids[number * 7 :] + ids[: number * 7])[:: -1 if number % 2 else 1]
        with connect() as mine:
            chosen = bulk_work.named(mine, act, named)
            return [*chosen.refused, *bulk_acts.carry(mine, act, chosen.targets, mandate(number))]

    assert each_done_once(together(work), act, conn) <= {passed_by}


@pytest.mark.parametrize("act", [REQUEUE, DISCARD, REPLAY])
def test_those_who_go_by_a_filter_act_on_each_once(connect, bury, keep, conn, act):
    for number in range(LETTERS):
        keep(f"evt_{number}", **DONE) if act is REPLAY else bury(f"evt_{number}")
    wanted = events.Filter() if act is REPLAY else dead_letters.Filter()

    def work(number):
        pace = Pace(20, clock=iter(range(10_000)).__next__, sleep=lambda _: None)  # small batches, no waiting
        with connect() as mine:
            chosen = bulk_work.matching(mine, act, wanted)
            mine.commit()
            batches = bulk_work.carry_out(lambda: transaction(mine), chosen, mandate=mandate(number), pace=pace)
            return [outcome for batch in batches for outcome in batch]

    each_done_once(together(work), act, conn)


@contextlib.contextmanager
def transaction(conn):
    with conn.transaction():
        yield conn


def test_what_dies_after_the_count_is_left_for_the_next_time(connect, bury):
    bury("evt_early")
    with connect() as mine:
        chosen = bulk_work.matching(mine, REQUEUE, dead_letters.Filter())
        bury("evt_late", settled_at="now")
        done = bulk_acts.carry(mine, REQUEUE, chosen.targets, mandate(1))
    assert [outcome.id for outcome in done] == ["evt_early"]


def test_what_was_sent_on_by_somebody_else_and_died_again_is_not_taken_twice(connect, bury, conn):
    bury()
    with connect() as mine:
        chosen = bulk_work.matching(mine, REQUEUE, dead_letters.Filter())
        conn.execute("UPDATE events SET series = 2, settled_at = now()")
        [outcome] = bulk_acts.carry(mine, REQUEUE, chosen.targets, mandate(1))
    assert (outcome.outcome, outcome.state) == ("changed_meanwhile", "dead")
    assert conn.execute("SELECT series FROM events").fetchone() == {"series": 2}


def test_what_a_worker_took_meanwhile_is_left_to_it(connect, bury, conn):
    bury()
    with connect() as mine:
        chosen = bulk_work.named(mine, REQUEUE, ["evt_1"])
        conn.execute("UPDATE events SET state = 'processing', settled_at = NULL, lease_until = now()")
        [outcome] = bulk_acts.carry(mine, REQUEUE, chosen.targets, mandate(1))
    assert (outcome.outcome, outcome.state) == ("already_running", "processing")
    assert conn.execute("SELECT state, series FROM events").fetchone() == {"state": "processing", "series": 1}


def test_a_batch_is_whole_or_not_at_all(connect, many, conn):
    many(5, state="'dead'", settled_at="now()", reason_code="'x'")
    conn.execute("ALTER TABLE audit ADD CONSTRAINT fails CHECK (object NOT LIKE 'event:evt_5#%')")
    with pytest.raises(Exception, match="fails"), connect() as mine:
        chosen = bulk_work.matching(mine, REQUEUE, dead_letters.Filter())
        bulk_acts.carry(mine, REQUEUE, chosen.targets, mandate(1))
    assert conn.execute("SELECT DISTINCT state FROM events").fetchall() == [{"state": "dead"}]
    assert conn.execute("SELECT count(*) FROM audit").fetchone() == {"count": 0}


def test_the_most_urgent_go_first(connect, many):
    many(6, lane="'crisis'", urgency="10 * (n % 3 + 1)", state="'processed'", settled_at="now()")
    with connect() as mine:
        chosen = bulk_work.matching(mine, REPLAY, events.Filter())
    assert [target.id for target in chosen.targets] == ["evt_2", "evt_5", "evt_1", "evt_4", "evt_3", "evt_6"]
