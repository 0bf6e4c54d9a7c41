"""The figures of the walk: exact while events are few, and cheap however many were ever kept."""

from shared import status

_MADE = """
    INSERT INTO events (event_id, body_hash, body_bytes, lane, lane_reason, urgency, state, settled_at, reason_code)
    SELECT 'evt_' || state || number, '', 2, 'standard', 'standard', 0, state,
        CASE WHEN state <> 'received' THEN now() END, CASE WHEN state IN ('ignored', 'dead') THEN 'x' END
    FROM (VALUES ('processed', 600), ('ignored', 300), ('received', 70), ('dead', 30)) AS made (state, most),
        generate_series(1, most) AS number
"""


def test_few_events_are_counted(conn):
    conn.execute(_MADE)
    found = status.read(conn)
    assert not found.is_estimated
    assert (found.events["processed"], found.events["ignored"]) == (600, 300)


def test_of_many_events_what_waits_or_died_is_counted_and_the_rest_estimated(conn):
    conn.execute(_MADE)
    conn.execute("ANALYZE events")
    found = status.read(conn, counted_up_to=999)
    assert found.is_estimated
    assert (found.events["received"], found.events["dead"], found.events["processing"]) == (70, 30, 0)
    assert found.events["processed"] + found.events["ignored"] == 900
    assert abs(found.events["ignored"] - 300) < 30


def test_where_no_event_was_ever_ignored_none_is_told(conn):
    conn.execute(_MADE)
    conn.execute("DELETE FROM events WHERE state = 'ignored'")
    conn.execute("ANALYZE events")
    found = status.read(conn, counted_up_to=10)
    assert (found.events["ignored"], found.events["processed"]) == (0, 600)
