"""Hours that are over are summed once, whatever beat missed is caught up, and nothing changes by summing again."""

import pytest

from shared import event_hours
from shared.event_hours import Sum
from workers import housekeeping, summing
from workers.housekeeping import STEPS_FAILED

# Half past an hour that is over for certain.
THEN = "date_trunc('hour', now() - interval '2 hours', 'UTC') + interval '30 minutes'"
CRISIS = {"received_at": THEN, "lane": "'crisis'", "state": "'processed'"}


@pytest.fixture
def summed(pool, settings):
    return lambda **bounds: summing.sum_hours(pool, settings, **bounds)


def hour_of(conn, lane):
    """The one in which something came."""
    (found,) = [one for one in event_hours.read(conn)[lane] if one.received]
    return found


def kept(conn):
    return conn.execute(
        "SELECT hour, lane, received, processed, ignored, dead, unfinished, late, median_ms, p99_ms, longest_ms"
        " FROM event_hours ORDER BY hour, lane"
    ).fetchall()


def test_an_hour_is_summed_by_lane_and_by_what_became_of_its_events(conn, many, summed):
    for n, milliseconds in enumerate((50, 100, 150, 900)):
        many(1, event_id=f"'evt_c{n}'", settled_at=f"{THEN} + interval '{milliseconds} ms'", **CRISIS)
    # Sent on again by a person: it counts, and its time does not.
    many(1, event_id="'evt_again'", settled_at="now()", series="2", **CRISIS)
    ended = {"received_at": THEN, "settled_at": f"{THEN} + interval '1 s'", "reason_code": "'x'"}
    many(3, event_id="'evt_i' || n", state="'ignored'", **ended)
    many(2, event_id="'evt_d' || n", state="'dead'", **ended)
    many(1, event_id="'evt_w' || n", received_at=THEN)
    assert summed() >= 1
    at = hour_of(conn, "crisis").begins_at
    assert hour_of(conn, "crisis") == Sum(
        begins_at=at, received=5, processed=5, late=1, median_ms=125.0, p99_ms=pytest.approx(877.5), longest_ms=900.0
    )
    assert hour_of(conn, "standard") == Sum(
        begins_at=at, received=6, ignored=3, dead=2, unfinished=1, late=5,
        median_ms=1000.0, p99_ms=1000.0, longest_ms=1000.0,
    )  # fmt: skip


def test_summed_again_it_is_the_same(conn, many, summed):
    many(3, settled_at=f"{THEN} + interval '70 ms'", **CRISIS)
    summed()
    before = kept(conn)
    assert (summed(), len(before) % 2) == (0, 0)
    for hour in {row["hour"] for row in before}:
        event_hours.sum_hour(conn, hour)
    assert kept(conn) == before


def test_the_hour_that_is_not_over_waits(conn, many, summed):
    many(3)
    assert (summed(), kept(conn)) == (0, [])


def test_what_beat_missed_is_caught_up_the_newest_first_and_so_much_at_once(conn, many, summed):
    many(1, received_at="date_trunc('hour', now(), 'UTC') - interval '9 hours 59 minutes'")
    assert summed(most=4) == 4
    newest = [row["hour"] for row in kept(conn)]
    assert summed(most=4) == 4
    assert min(newest) > min(row["hour"] for row in kept(conn))
    assert summed(most=4) in {1, 2}  # within an hour's first two minutes the last one is not over yet
    assert (summed(most=4), sum(row["received"] for row in kept(conn))) == (0, 1)


def test_an_hour_of_which_something_was_on_its_way_is_summed_anew_later(conn, many, summed):
    many(1, received_at=THEN)
    summed()
    conn.execute("UPDATE events SET state = 'processed', settled_at = now()")
    assert (summed(), hour_of(conn, "standard").unfinished) == (0, 1)
    conn.execute("UPDATE event_hours SET summed_at = now() - interval '2 hours'")
    assert (summed(), hour_of(conn, "standard").processed) == (1, 1)


def test_sums_of_more_than_thirteen_months_go(pool, conn):
    conn.execute(
        "INSERT INTO event_hours (hour, lane, received, processed, ignored, dead, unfinished, late)"
        " SELECT now() - age, 'crisis', 1, 1, 0, 0, 0, 0"
        ' FROM unnest(\'{"400 days", "390 days", "1 day"}\'::interval[]) AS age'
    )
    assert housekeeping.keep_house(pool, notice_days=30)["event_hours"] == 1


def test_a_sum_that_fails_is_a_step_that_failed(conn, many, summed):
    many(1, received_at=THEN)
    conn.execute("ALTER TABLE event_hours RENAME TO gone")
    before = STEPS_FAILED.labels("event_hours")._value.get()
    assert (summed(), STEPS_FAILED.labels("event_hours")._value.get() - before) == (0, 1)


def test_an_hour_is_found_by_the_index_of_receipt(conn, many):
    many(20_000, received_at="now() - n * interval '1 minute'", settled_at="now()", state="'processed'")
    conn.execute("ANALYZE events")
    seen = []

    class Explained:
        def execute(self, sql, parameters):
            seen.extend(row["QUERY PLAN"] for row in conn.execute(f"EXPLAIN {sql}", parameters))

    (hour,) = event_hours.to_be_summed(conn, most=1)
    event_hours.sum_hour(Explained(), hour)
    assert any("events_received" in line for line in seen), seen
    assert not any("Seq Scan on events" in line for line in seen), seen
