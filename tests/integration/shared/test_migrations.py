"""Migrations run once, partitions are there before their time, and the audit cannot be changed."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg import sql

from shared.migrations import MigrationError, migrate
from tests.servers import admin, url

MONTHS = "SELECT ensure_partitions('event_bodies', 'month', %s) AS made"
YEARS = "SELECT ensure_partitions('audit', 'year', 8) AS made"


@pytest.fixture
def empty_database_url(postgres_port):
    name = f"empty_{secrets.token_hex(6)}"
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield url(postgres_port, name)
    with admin(postgres_port) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def applied(database_url):
    with psycopg.connect(database_url, autocommit=True) as conn:
        return [name for (name,) in conn.execute("SELECT name FROM schema_migrations ORDER BY name")]


def partitions(conn, parent):
    query = "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = %s::regclass"
    return {row["name"] for row in conn.execute(query, [parent])}


def test_a_second_run_finds_nothing_to_do(empty_database_url):
    names = migrate(empty_database_url)
    assert names[0] == "0001_foundation.sql"
    assert names == sorted(names)
    assert migrate(empty_database_url) == []
    assert applied(empty_database_url) == names


def test_of_two_migrators_at_once_one_applies(empty_database_url):
    gate = threading.Barrier(3)

    def work(_):
        gate.wait(10)
        return migrate(empty_database_url)

    with ThreadPoolExecutor(3) as threads:
        results = sorted(threads.map(work, range(3)))
    assert results[:2] == [[], []]
    assert results[2] == applied(empty_database_url)


def test_a_file_that_was_changed_after_it_was_applied_stops_the_migrator(database_url, conn):
    conn.execute("UPDATE schema_migrations SET sha256 = 'another' WHERE name = '0001_foundation.sql'")
    with pytest.raises(MigrationError, match=r"0001_foundation\.sql"):
        migrate(database_url)


def test_a_migration_that_is_not_known_here_stops_the_migrator(database_url, conn):
    conn.execute("INSERT INTO schema_migrations (name, sha256) VALUES ('9999_later.sql', 'x')")
    with pytest.raises(MigrationError, match=r"9999_later\.sql"):
        migrate(database_url)


def test_there_is_a_partition_for_this_month_and_a_year_of_months(conn):
    months = conn.execute(
        """SELECT to_char(date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC' + make_interval(months => step),
        '"event_bodies_"YYYY_MM') AS name FROM generate_series(0, 12) AS step"""
    ).fetchall()
    assert partitions(conn, "event_bodies") == {row["name"] for row in months} | {"event_bodies_default"}


def test_there_is_a_partition_for_this_year_and_eight_more(conn):
    year = conn.execute("SELECT extract(year FROM now() AT TIME ZONE 'UTC')::int AS year").fetchone()["year"]
    wanted = {f"audit_{number}" for number in range(year, year + 9)}
    assert partitions(conn, "audit") == wanted | {"audit_default"}


def test_partitions_that_are_there_are_not_made_again(conn):
    before = partitions(conn, "event_bodies") | partitions(conn, "audit")
    assert conn.execute(MONTHS, [12]).fetchone()["made"] == 0
    assert conn.execute(YEARS).fetchone()["made"] == 0
    assert partitions(conn, "event_bodies") | partitions(conn, "audit") == before
    assert conn.execute(MONTHS, [14]).fetchone()["made"] == 2


def test_two_that_make_partitions_at_once_make_each_once(database_url):
    gate = threading.Barrier(2)

    def work(_):
        with psycopg.connect(database_url, autocommit=True) as own:
            gate.wait(10)
            return own.execute(MONTHS, [15]).fetchone()[0]

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(work, range(2))) == [0, 3]


def test_a_body_beyond_the_last_month_is_kept_and_its_month_is_left_alone(conn):
    conn.execute(
        """INSERT INTO event_bodies (event_row, received_at, data_key_id, nonce, sealed)
        VALUES (1, date_trunc('month', now(), 'UTC') + interval '14 months', gen_random_uuid(), '', '')"""
    )
    assert conn.execute(MONTHS, [14]).fetchone()["made"] == 1
    place = conn.execute("SELECT tableoid::regclass::text AS place FROM event_bodies").fetchone()
    assert place["place"] == "event_bodies_default"


@pytest.fixture
def audited(conn):
    """Two lines in the audit: one of this year, one of a time without a partition; where they lie."""
    conn.execute("INSERT INTO audit (actor, act, object) VALUES ('test', 'a', 'x')")
    conn.execute("INSERT INTO audit (at, actor, act, object) VALUES ('2001-01-01', 'test', 'a', 'x')")
    places = [row["place"] for row in conn.execute("SELECT tableoid::regclass::text AS place FROM audit ORDER BY at")]
    assert places[0] == "audit_default"
    yield places
    assert conn.execute("SELECT count(*) AS n FROM audit").fetchone()["n"] == 2


def refused(conn, statement, table):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        conn.execute(sql.SQL(statement).format(sql.Identifier(table)))


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_audit_refuses_to_be_changed(conn, audited, statement):
    refused(conn, statement, "audit")


@pytest.mark.parametrize("statement", ["UPDATE {} SET actor = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_each_part_of_the_audit_refuses_too(conn, audited, statement):
    for part in audited:
        refused(conn, statement, part)


def test_a_part_of_the_audit_that_is_made_later_refuses_too(conn):
    year = conn.execute("SELECT extract(year FROM now() AT TIME ZONE 'UTC')::int + 8 AS year").fetchone()["year"]
    conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(f"audit_{year}")))
    assert conn.execute(YEARS).fetchone()["made"] == 1
    refused(conn, "TRUNCATE {}", f"audit_{year}")
