"""The daily report: made once, of the last full day, however often it is asked for."""

from dataclasses import replace
from datetime import UTC, datetime

from shared import db, reports
from workers import daily

NOW = datetime(2026, 11, 21, 0, 10, tzinfo=UTC)
_MADE = """
    INSERT INTO people (user_id) VALUES ('a');
    INSERT INTO crises (user_id, source, severity, opened_by, opened_at)
    VALUES ('a', 'button', 'imminent', 'test', '2026-11-20 10:00Z');
    INSERT INTO events (
        event_id, body_hash, body_bytes, lane, lane_reason, urgency, received_at, state, settled_at, reason_class,
        reason_code, source
    )
    SELECT 'evt_' || number, '', 2, lane, 'test', 0, received, state, received + took, 'invalid', 'schema', source
    FROM (VALUES
        (1, 'crisis', '2026-11-20 12:00Z'::timestamptz, 'processed', interval '100 ms', 'webhook'),
        (2, 'crisis', '2026-11-20 13:00Z', 'processed', '700 ms', 'webhook'),
        (3, 'standard', '2026-11-20 23:59Z', 'dead', '1 s', 'backfill'),
        (4, 'standard', '2026-11-21 00:00Z', 'processed', '1 s', 'webhook'),
        (5, 'standard', '2026-11-19 23:59Z', 'processed', '1 s', 'webhook')
    ) AS made (number, lane, received, state, took, source)
"""


def test_it_counts_what_was_of_that_day(conn, database_url):
    conn.execute(_MADE)
    with db.connect(database_url, name="test") as asked:
        found = reports.read(asked, reports.last_day(NOW), stale_hours=24).to_json()
    assert (found["since"], found["until"]) == ("2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z")
    assert (found["received"], found["fetched"]) == (3, 1)
    assert found["states"] == {"processed": 2, "dead": 1}
    lane = found["crisisLane"]
    assert (lane["events"], lane["inTime"], lane["longest"]) == (2, 1, 700.0)
    assert found["dead"] == {"invalid/schema": 1}
    assert found["crises"] == {"opened": 1, "resolved": 0, "open_now": 1}


def test_staff_are_told_once(conn, settings):
    conn.execute(_MADE)
    assert daily.report(settings, now=NOW)
    assert not daily.report(settings, now=NOW.replace(hour=23))
    (told,) = conn.execute("SELECT cause, recipient, data FROM notices WHERE kind = 'report:daily'").fetchall()
    assert (told["cause"], told["recipient"]) == ("report:2026-11-20", "staff")
    assert told["data"]["received"] == 3
    assert "evt_" not in str(told["data"])


def test_without_a_database_it_waits(settings):
    away = replace(settings, database_url="postgresql://nobody@127.0.0.1:9/none")
    assert not daily.report(away, now=NOW)
