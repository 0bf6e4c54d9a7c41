"""Each fault is really made in PostgreSQL, then looked for."""

import os
import secrets
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from shared import crypto
from tests.servers import admin, url


def of(conn):
    return psycopg.sql.Identifier(conn.info.dbname)


def test_a_well_kept_database_has_nothing_at_fault_but_the_processes_that_do_not_run(findings):
    found = findings()
    assert [
        finding
        for finding in found.values()
        # Nothing of ours runs in these tests, and what they keep is not archived.
        if finding.status != "ok" and finding.name not in {"relay", "beat", "log archive"}
    ] == []
    assert {"postgresql durability", "clock", "tables", "crisis lane", "standard lane", "partitions"} <= set(found)


@pytest.mark.parametrize("setting", ["synchronous_commit"])
def test_a_commit_that_may_be_lost_is_a_fault(findings, conn, setting):
    conn.execute(psycopg.sql.SQL("ALTER DATABASE {} SET {} = off").format(of(conn), psycopg.sql.Identifier(setting)))
    found = findings()["postgresql durability"]
    assert found.status == "fault"
    assert setting in found.message


def test_a_role_that_turns_synchronous_commit_off_for_itself_is_found(findings, database_url, conn):
    role = f"hasty_{secrets.token_hex(4)}"
    conn.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
    conn.execute(f"ALTER ROLE {role} SET synchronous_commit = off")
    host = database_url.partition("@")[2]
    found = findings(database_url=f"postgresql://{role}:x@{host}")
    conn.execute(f"DROP ROLE {role}")
    assert found["postgresql durability"].status == "fault"


def test_a_database_that_takes_no_writes_is_a_fault(findings, conn):
    conn.execute(psycopg.sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(of(conn)))
    assert findings()["postgresql writable"].status == "fault"


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, "ok"), (20, "warning"), (-20, "warning"), (300, "fault"), (-300, "fault")]
)
def test_a_clock_that_is_off_is_told_with_its_offset(findings, seconds, status):
    found = findings(now=lambda: datetime.now(UTC) + timedelta(seconds=seconds))["clock"]
    assert found.status == status
    if seconds:
        assert ("ahead of" if seconds > 0 else "behind") in found.message


def test_a_missing_migration_is_a_fault_and_names_what_to_run(findings, conn):
    conn.execute("DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)")
    found = findings()["tables"]
    assert found.status == "fault"
    assert "carelane migrate" in found.action


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE schema_migrations SET sha256 = 'other' WHERE name = '0001_foundation.sql'",
        "INSERT INTO schema_migrations (name, sha256) VALUES ('9999_of_tomorrow.sql', 'x')",
    ],
)
def test_tables_of_another_version_are_a_fault(findings, conn, change):
    conn.execute(change)
    found = findings()["tables"]
    assert found.status == "fault"
    assert ".sql" in found.message


@pytest.fixture
def without_tables(postgres_port):
    name = f"fresh_{secrets.token_hex(4)}"
    with admin(postgres_port) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield url(postgres_port, name)
    with admin(postgres_port) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_without_tables_the_server_is_judged_all_the_same_and_nothing_is_made(findings, without_tables):
    found = findings(database_url=without_tables)
    assert found["tables"].status == "fault"
    assert found["postgresql durability"].status == found["clock"].status == "ok"
    assert found["relay"].status == "warning"
    with psycopg.connect(without_tables) as conn:
        assert conn.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone() == (
            0,
        )


def beat(conn, process, age):
    conn.execute("INSERT INTO heartbeats (process, place, beaten_at) VALUES (%s, 'there', now() - %s)", (process, age))


@pytest.mark.parametrize(
    ("process", "age_seconds", "status"),
    [("relay", 1, "ok"), ("relay", 60, "fault"), ("beat", 60, "ok"), ("beat", 3600, "warning")],
)
def test_a_process_that_was_not_seen_for_a_while_is_told(findings, conn, process, age_seconds, status):
    beat(conn, process, timedelta(seconds=age_seconds))
    found = findings()[process]
    assert found.status == status
    assert "there" in found.message


def test_one_relay_of_two_that_gets_on_is_enough(findings, conn):
    beat(conn, "relay", timedelta(hours=1))
    conn.execute("INSERT INTO heartbeats (process, place) VALUES ('relay', 'elsewhere')")
    assert findings()["relay"].status == "ok"


def keep(conn, **columns):
    values = {
        "event_id": f"evt_{secrets.token_hex(6)}",
        "body_hash": os.urandom(8),
        "body_bytes": 2,
        "lane": "standard",
        "lane_reason": "standard",
        "urgency": 0,
    } | columns
    names, marks = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    conn.execute(f"INSERT INTO events ({names}) VALUES ({marks})", values)  # noqa: S608


@pytest.mark.parametrize(
    ("lane", "age_seconds", "status"),
    [("crisis", 20, "warning"), ("crisis", 600, "fault"), ("standard", 20, "ok"), ("standard", 3600, "warning")],
)
def test_an_event_that_nobody_takes_up_is_told_by_its_lane(findings, conn, lane, age_seconds, status):
    keep(conn, lane=lane, next_attempt_at=datetime.now(UTC) - timedelta(seconds=age_seconds))
    found = findings()
    assert found[f"{lane} lane"].status == status
    assert "1 events" in found[f"{lane} lane"].message


def test_an_event_whose_next_attempt_lies_ahead_is_not_late(findings, conn):
    old = datetime.now(UTC) - timedelta(days=1)
    keep(conn, state="retrying", received_at=old, next_attempt_at=datetime.now(UTC) + timedelta(hours=1))
    assert findings()["standard lane"].status == "ok"


def test_a_claim_that_nobody_gives_back_is_told(findings, conn):
    keep(conn, state="processing", lease_until=datetime.now(UTC) - timedelta(minutes=5))
    assert findings()["claims"].status == "warning"


def test_an_open_guard_is_told_with_its_type_and_one_that_ended_is_not(findings, conn):
    sql = "INSERT INTO guards (type, ends_at, deaths, ended) VALUES (%s, now() + %s, 20, 21)"
    conn.execute(sql, ("invoice.paid", timedelta(minutes=-1)))
    assert findings()["guards"].status == "ok"
    conn.execute(sql, ("invoice.payment_failed", timedelta(minutes=9)))
    found = findings()["guards"]
    assert found.status == "warning"
    assert "invoice.payment_failed" in found.message
    assert "invoice.paid " not in found.message


def test_a_partition_that_is_missing_is_named(findings, conn):
    name = f"event_bodies_{(datetime.now(UTC).replace(day=1) + timedelta(days=40)):%Y_%m}"
    conn.execute(f"DROP TABLE {name}")
    found = findings()["partitions"]
    assert found.status == "warning"
    assert name in found.message


def test_a_private_key_that_does_not_open_what_is_sealed_now_is_a_fault(findings, conn, settings):
    key = crypto.new_data_key(settings.seal_public_key)
    sql = "INSERT INTO data_keys (id, wrapped, recipient) VALUES (%s, %s, %s)"
    conn.execute(sql, (key.id, key.wrapped, key.recipient))
    assert findings()["sealing"].status == "ok"
    assert findings(unseal_private_key=crypto.new_private_key())["sealing"].status == "fault"
    assert findings(unseal_private_key=None)["sealing"].status == "ok"


def test_too_little_room_for_connections_is_told_before_it_runs_out(findings):
    assert findings(counts={"webhook": 1, "crisis": 1})["postgresql connections"].status == "ok"
    found = findings(webhook_processes=64, counts={"webhook": 1})["postgresql connections"]
    assert found.status == "warning"


def test_a_wrong_password_is_told_without_the_password(findings, database_url):
    found = findings(database_url=database_url.replace("postgres:", "postgres:wrong"))
    assert list(found) == ["postgresql"]
    assert found["postgresql"].status == "fault"
    assert "wrong" not in found["postgresql"].message


def test_records_that_wait_for_their_links_for_long_are_told(findings, conn):
    conn.execute("INSERT INTO audit (actor, act, object) VALUES ('a', 'b', 'c')")
    assert findings()["audit trail"].status == "ok"
    conn.execute("UPDATE audit_unsealed SET at = at - interval '2 minutes'")
    assert findings()["audit trail"].status == "warning"
