"""Migrations while others work: a lock is never waited for so long that traffic stands behind it."""

import threading

import psycopg
import pytest

from shared.migrations import MigrationError, migrate, shipped

WIDER = "ALTER TABLE people ADD COLUMN tried text;"
BESIDE = "-- beside traffic: this table is large\nCREATE INDEX CONCURRENTLY IF NOT EXISTS {} ON people (user_id);\n"


def with_one_more(text):
    return shipped() | {"9999_tried.sql": text}


def has_column(conn):
    return conn.execute("SELECT count(*) AS n FROM information_schema.columns WHERE column_name = 'tried'").fetchone()[
        "n"
    ]


def is_valid(conn, index):
    row = conn.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [index]).fetchone()
    return row and row["indisvalid"]


@pytest.fixture
def reading(database_url):
    """A long transaction that has read the table, and so holds it against every change of its columns."""
    with psycopg.connect(database_url) as conn:
        conn.execute("SELECT FROM people")
        yield conn


def test_a_lock_that_is_not_to_be_had_fails_cleanly_and_lets_traffic_pass(database_url, conn, reading):
    over, trouble = threading.Event(), []

    def traffic():
        with psycopg.connect(database_url, autocommit=True, options="-c statement_timeout=5000") as own:
            while not over.is_set():
                try:
                    own.execute("INSERT INTO people (user_id) VALUES (gen_random_uuid()::text)")
                except psycopg.Error as error:
                    trouble.append(error)

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        with pytest.raises(MigrationError, match=r"9999_tried\.sql: a lock"):
            migrate(database_url, files=with_one_more(WIDER), patience_seconds=2.5)
    finally:
        over.set()
        thread.join(20)
    assert trouble == []
    assert not has_column(conn)
    reading.rollback()
    assert migrate(database_url, files=with_one_more(WIDER)) == ["9999_tried.sql"]
    assert has_column(conn)


def test_a_file_that_fails_leaves_those_before_it_applied_and_nothing_of_its_own(database_url, conn):
    files = shipped() | {"9998_good.sql": WIDER, "9999_bad.sql": "CREATE TABLE half (id int); SELECT no_such_thing;"}
    with pytest.raises(psycopg.errors.UndefinedColumn):
        migrate(database_url, files=files)
    assert has_column(conn)
    assert conn.execute("SELECT to_regclass('half') AS half").fetchone()["half"] is None
    files["9999_bad.sql"] = "CREATE TABLE whole (id int);"
    assert migrate(database_url, files=files) == ["9999_bad.sql"]


def test_an_index_is_made_beside_traffic_and_what_was_half_made_before_goes(database_url, conn):
    conn.execute("INSERT INTO people (user_id, safety_plan_ref) VALUES ('a', 'same'), ('b', 'same')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        conn.execute("CREATE UNIQUE INDEX CONCURRENTLY tried_first ON people (safety_plan_ref)")
    assert is_valid(conn, "tried_first") is False
    assert migrate(database_url, files=with_one_more(BESIDE.format("tried_first"))) == ["9999_tried.sql"]
    assert is_valid(conn, "tried_first")
