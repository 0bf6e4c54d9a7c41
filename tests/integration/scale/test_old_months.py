"""Months of bodies are dropped as a whole, and an event that has not ended keeps its own."""

from shared import old_months

MAKE = "CREATE TABLE event_bodies_{0} PARTITION OF event_bodies FOR VALUES FROM ('{1}') TO ('{2}')"
KEEP = """
    WITH kept AS (
        INSERT INTO events (event_id, body_hash, body_bytes, received_at, lane, lane_reason, urgency, state, settled_at,
            reason_code, waits_for)
        VALUES (%(id)s, '', 1, %(at)s, 'standard', 'test', 0, %(state)s,
            CASE WHEN %(ended)s THEN %(at)s::timestamptz END,
            'test', %(waits_for)s)
        RETURNING id, received_at
    )
    INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
    SELECT id, received_at, gen_random_uuid(), '', 'sealed' FROM kept"""
OLD, LATER = "2020-01-15", "2020-02-15"
BODIES = (
    "SELECT event_id, event_bodies.tableoid::regclass::text AS lies_in FROM event_bodies JOIN events ON id = event_row"
)


def keep(conn, name, at, state="processed", waits_for=None):
    ended = state in {"processed", "ignored", "dead"}
    conn.execute(KEEP, {"id": name, "at": at, "state": state, "ended": ended, "waits_for": waits_for})


def two_old_months(conn):
    conn.execute(MAKE.format("2020_01", "2020-01-01", "2020-02-01"))
    conn.execute(MAKE.format("2020_02", "2020-02-01", "2020-03-01"))


def lies(conn):
    return {row["event_id"]: row["lies_in"] for row in conn.execute(BODIES)}


def test_a_month_goes_and_what_has_not_ended_keeps_its_body(conn, pool):
    two_old_months(conn)
    keep(conn, "evt_done", OLD)
    keep(conn, "evt_dead", OLD, "dead")
    keep(conn, "evt_due", OLD, "retrying")
    keep(conn, "evt_waits", OLD, "ignored", ["owed_payout:x"])
    keep(conn, "evt_later", LATER)
    keep(conn, "evt_now", "now")
    dropped = old_months.drop(pool, days=90)
    assert [(month.month, month.moved) for month in dropped] == [
        ("event_bodies_2020_01", 3),
        ("event_bodies_2020_02", 0),
    ]
    kept = lies(conn)
    assert {name for name, table in kept.items() if table == "event_bodies_default"} == {
        "evt_dead",
        "evt_due",
        "evt_waits",
    }
    assert set(kept) == {"evt_dead", "evt_due", "evt_waits", "evt_now"}
    assert conn.execute("SELECT count(*) AS n FROM events").fetchone()["n"] == 6
    told = conn.execute("SELECT object FROM audit WHERE act = 'bodies.month_dropped' ORDER BY object").fetchall()
    assert [row["object"] for row in told] == ["event_bodies_2020_01", "event_bodies_2020_02"]
    assert old_months.drop(pool, days=90) == []


def test_a_month_of_which_much_is_needed_is_left_and_stands_in_no_other_ones_way(conn, pool):
    two_old_months(conn)
    keep(conn, "evt_one", OLD, "dead")
    keep(conn, "evt_two", OLD, "dead")
    keep(conn, "evt_later", LATER)
    assert [month.month for month in old_months.drop(pool, days=90, most_moved=1)] == ["event_bodies_2020_02"]
    assert lies(conn) == {"evt_one": "event_bodies_2020_01", "evt_two": "event_bodies_2020_01"}


def test_no_month_is_dropped_while_its_lock_is_not_had(conn, pool, database_url):
    import psycopg

    two_old_months(conn)
    with psycopg.connect(database_url) as other:
        other.execute("SELECT count(*) FROM event_bodies")
        assert old_months.drop(pool, days=90) == []
    assert len(old_months.drop(pool, days=90)) == 2


def test_a_month_that_is_not_over_for_long_enough_stays(conn, pool):
    keep(conn, "evt_now", "now")
    assert old_months.drop(pool, days=0) == []
    assert set(lies(conn)) == {"evt_now"}
