import json
import os

import psycopg
import pytest

from shared.processes import identity
from tests.servers import admin, url

EMPTY = {"waiting": 0, "oldestSeconds": 0.0, "parked": 0}
AWAY = "postgresql://nobody:hidden@127.0.0.1:1/none"


@pytest.fixture
def unmigrated(postgres_port):
    name = "never_migrated"
    with admin(postgres_port) as conn:
        conn.execute(f"CREATE DATABASE {name}")
    yield url(postgres_port, name)
    with admin(postgres_port) as conn:
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_empty_database_has_every_state_and_lane_at_nought(carelane):
    assert carelane("status", "--json").document == {
        "events": dict.fromkeys(("received", "processing", "retrying", "processed", "ignored", "dead"), 0),
        "eventsEstimated": False,
        "lanes": {"crisis": EMPTY, "standard": EMPTY},
        "guards": [],
        "owed": {"untold": 0, "oldestSeconds": 0.0, "callbacks": []},
    }


def test_what_waits_is_counted_by_lane(carelane, keep, bury):
    keep("evt_1", lane="crisis", received_at="2026-01-01T00:00:00Z")
    keep("evt_2", state="retrying")
    bury("evt_3")
    found = carelane("status", "--json").document
    assert (found["events"]["received"], found["events"]["retrying"], found["events"]["dead"]) == (1, 1, 1)
    assert found["lanes"]["crisis"]["waiting"] == 1
    assert found["lanes"]["crisis"]["oldestSeconds"] > 3600


@pytest.fixture
def note(tmp_path):
    """Write down one process as the supervisor does."""

    def write(**process):
        (tmp_path / "run").mkdir()
        one = {"name": "relay", "identity": None, "ready": True, "restarts": 2} | process
        described = {"supervisor": 1, "guard": 2, "processes": [one]}
        (tmp_path / "run" / "processes.json").write_text(json.dumps(described))

    return write


def test_people_see_the_processes_too(carelane, note):
    note(pid=os.getpid(), identity=identity(os.getpid()))
    shown = carelane("status").stdout
    assert all(word in shown for word in ("crisis", "relay", str(os.getpid())))


def test_a_process_that_is_gone_is_not_shown_as_running(carelane, note):
    note(pid=os.getpid(), identity="another that had this number")
    assert "No process of `carelane up` is running." in carelane("status").stdout


def test_after_an_orderly_stop_people_are_told_that_nothing_runs(carelane, note):
    note(pid=None)
    shown = carelane("status").stdout
    assert "No process of `carelane up` is running." in shown
    assert "relay" not in shown


def test_a_database_without_tables_is_told_what_to_do(carelane, unmigrated):
    ran = carelane("status", DATABASE_URL=unmigrated)
    assert ran.exit_code == 1
    assert "carelane migrate" in ran.stderr


def test_migrate_says_what_it_applied_and_then_that_nothing_is_left(carelane, unmigrated):
    assert "applied 0001_foundation.sql" in carelane("migrate", DATABASE_URL=unmigrated).stdout
    assert "up to date" in carelane("migrate", DATABASE_URL=unmigrated).stdout
    assert carelane("status", DATABASE_URL=unmigrated).exit_code == 0


def test_migrate_tells_programs_what_it_applied(carelane, unmigrated):
    first, second = (carelane("migrate", "--json", DATABASE_URL=unmigrated).document for _ in range(2))
    assert first["applied"][0] == "0001_foundation.sql"
    assert second == {"applied": []}


def test_a_migration_changed_after_it_was_applied_is_told(carelane, database_url):
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE schema_migrations SET sha256 = 'other'")
    ran = carelane("migrate")
    assert ran.exit_code == 1
    assert "0001_foundation.sql" in ran.stderr


@pytest.mark.parametrize(
    "arguments", [("status", "--json"), ("events", "list"), ("dead", "show", "evt_1"), ("subject", "show", "sub_1")]
)
def test_a_database_that_is_away_is_told_without_its_password(carelane, arguments):
    ran = carelane(*arguments, DATABASE_URL=AWAY)
    assert (ran.exit_code, ran.stdout) == (4, "")
    assert "the database is away" in ran.stderr
    assert "hidden" not in ran.stderr
