"""How the walk stands: what failed is named by its cause, and what is charted stands in tables too."""

import re

ENDED = {"received_at": "now() - interval '3 minutes'", "state": "'processed'"}
SLOW = {"lane": "'crisis'", "settled_at": "now() - interval '3 minutes' + interval '2500 ms'"}


def rows(page, table):
    """The words of each row of a table that is folded away."""
    inside = re.search(rf'id="{table}".*?<tbody>(.*?)</tbody>', page, flags=re.DOTALL)[1]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in re.findall(r"<tr>.*?</tr>", inside, re.DOTALL)]


def test_what_failed_and_is_tried_again_is_told_by_its_cause_the_commonest_first(sits, many):
    waiting = {"state": "'retrying'", "next_attempt_at": "now() + interval '1 minute'"}
    many(2, event_id="'evt_a' || n", reason_class="'transient'", reason_code="'stripe_away'", **waiting)
    many(3, event_id="'evt_b' || n", reason_class="'not-yet'", reason_code="'ambiguous'", **waiting)
    many(1, event_id="'evt_c' || n", **waiting)
    ann = sits()
    ann.open("/console/now")
    assert "What failed and is tried again ambiguous not-yet 3 stripe_away transient 2 Guards" in ann.says()


def test_where_nothing_failed_it_says_so(sits):
    ann = sits()
    ann.open("/console/now")
    assert "What failed and is tried again Nothing. Guards against floods None stands." in ann.says()
    assert "None in the last half hour." in ann.says()


def test_all_that_is_charted_stands_in_tables_too(sits, many):
    many(4, event_id="'evt_fast' || n", settled_at="now()", **ENDED)
    many(2, event_id="'evt_slow' || n", **SLOW, **ENDED)
    ann = sits()
    ann.open("/console/now")
    minutes = rows(ann.page, "minutes-table")
    assert len(minutes) == 30
    columns = zip(*(map(int, row.split()[1:]) for row in minutes), strict=True)
    # By lane: how many came, how many of them ended well, how many died.
    assert [sum(column) for column in columns] == [2, 2, 0, 4, 4, 0]
    assert rows(ann.page, "speed-table") == ["1 2.5 s late", "2 2.5 s late"]


NONE = "\u2013"
SUMMED = """
INSERT INTO event_hours (
    hour, lane, received, processed, ignored, dead, unfinished, late, median_ms, p99_ms, longest_ms
)
SELECT
    date_trunc('hour', now(), 'UTC') - n * interval '1 hour', lane, 10, 6, 2, 1, 1,
    CASE WHEN n = 3 AND lane = 'crisis' THEN 2 ELSE 0 END, 50, CASE WHEN n = 3 THEN 900 ELSE 90 END, 1500
FROM generate_series(1, 24 * 9) AS n, unnest('{crisis,standard}'::text[]) AS lane
"""


def test_the_last_day_and_week_are_told_from_summed_hours_and_events_are_not_counted(sits, conn):
    conn.execute(SUMMED)
    ann = sits()
    ann.open("/console/now")
    hours, days = rows(ann.page, "hours-table"), rows(ann.page, "days-table")
    assert (len(hours), len(days)) == (24, 7)
    lane = "10 6 2 1 1.5 s"
    assert hours[0].endswith(f" 50 ms 90 ms 0 {lane} {lane}")
    assert hours[2].endswith(f" 50 ms 900 ms 2 {lane} {lane}")
    assert {len(row.split()) for row in days} == {len(days[0].split())}
    whole = "240 144 48 24 1.5 s"
    assert all(f"{whole} {whole}" in row for row in days[1:])
    assert "Crisis lane, the last 24 hours 240 came in" in ann.says()
    assert "2 later than promised in 24 hours" in ann.says()


def test_before_anything_was_summed_hours_and_days_are_empty(sits):
    ann = sits()
    ann.open("/console/now")
    assert [row.split()[3:] for row in rows(ann.page, "days-table")] == [
        [NONE, "0"] + ["0", "0", "0", "0", NONE] * 2
    ] * 7
