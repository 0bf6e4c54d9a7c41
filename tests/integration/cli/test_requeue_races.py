import threading

import pytest

from ingress.cli import requeue_run
from shared import db, dead_letters
from shared.dead_letters import Filter, Target

STAFF = 4
LETTERS = 60


@pytest.fixture
def letters(bury):
    return [Target(f"evt_{number}", bury(f"evt_{number}")) for number in range(LETTERS)]


def together(work):
    """Run `work(number)` in threads that begin at the same moment; their results, in order."""
    barrier = threading.Barrier(STAFF, timeout=30)
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


def test_staff_who_requeue_the_same_letters_at_once_requeue_each_once(database_url, letters, conn):
    def work(number):
        # Each names them in another order: locks taken in the order given would meet head-on.
        named = letters[number * 7 :] + letters[: number * 7]
        with db.connect(database_url, name="test") as mine:
            return dead_letters.requeue(mine, named[:: -1 if number % 2 else 1], actor=f"staff-{number}", reason="x")

    outcomes = [outcome for done in together(work) for outcome in done]
    assert len(outcomes) == STAFF * LETTERS
    assert sorted(o.id for o in outcomes if o.outcome == "requeued") == sorted(letter.id for letter in letters)
    assert {(o.outcome, o.state) for o in outcomes} == {("requeued", None), ("not_dead", "retrying")}
    assert {row["series"] for row in conn.execute("SELECT series FROM events")} == {2}
    assert conn.execute("SELECT count(*), count(DISTINCT object) AS objects FROM audit").fetchone() == {
        "count": LETTERS,
        "objects": LETTERS,
    }


def test_staff_who_requeue_by_filter_at_once_requeue_each_once(database_url, letters, conn):
    def work(number):
        done = []
        with db.connect(database_url, name="test") as mine:
            for page in requeue_run.pages(mine, Filter()):
                done += dead_letters.requeue(mine, page, actor=f"staff-{number}", reason="x")
                mine.commit()
        return done

    outcomes = [outcome for done in together(work) for outcome in done]
    assert sorted(o.id for o in outcomes if o.outcome == "requeued") == sorted(letter.id for letter in letters)
    assert conn.execute("SELECT count(*) FROM audit").fetchone()["count"] == LETTERS


def test_many_are_requeued_in_batches_and_each_is_told(carelane, conn):
    conn.execute(
        "INSERT INTO events (event_id, type, body_hash, body_bytes, lane, lane_reason, urgency, state, settled_at,"
        " reason_class, reason_code) SELECT 'evt_' || n, 'x', '', 0, 'standard', 'standard', 0, 'dead', now(), 'bug',"
        " 'KeyError' FROM generate_series(1, 1203) AS n"
    )
    ran = carelane("dead", "requeue", "--class", "bug", "--reason", "mended", "--yes", "--json")
    assert ran.exit_code == 0
    assert ran.document["matched"] == 1203
    assert {line["outcome"] for line in ran.document["outcomes"]} == {"requeued"}
    assert len({line["id"] for line in ran.document["outcomes"]}) == 1203
    assert conn.execute("SELECT count(*) FROM audit").fetchone()["count"] == 1203


def test_what_dies_after_the_count_is_left_for_the_next_time(database_url, bury):
    bury("evt_early")
    with db.connect(database_url, name="test") as mine:
        counted = dead_letters.preview(mine, Filter())
        mine.commit()
        bury("evt_late", settled_at="now")
        pages = list(requeue_run.pages(mine, counted.settled))
    assert [[target.id for target in page] for page in pages] == [["evt_early"]]
