"""`carelane up` as people meet it: started, looked at, stopped, started twice, started wrongly."""

import json
import os
import signal
import socket
import subprocess

import psycopg
import pytest
import redis

from .conftest import PROCFILE


def database(up):
    return psycopg.connect(up.settings()["DATABASE_URL"], connect_timeout=5, autocommit=True)


def test_everything_is_running_migrated_and_told_in_the_settings_file(running):
    settings = running.settings()
    with database(running) as conn:
        assert conn.execute("SELECT count(*) FROM events").fetchone() == (0,)
        assert conn.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        kept = {
            name: conn.execute(f"SHOW {name}").fetchone()[0] for name in ("fsync", "synchronous_commit", "TimeZone")
        }
    assert kept == {"fsync": "on", "synchronous_commit": "on", "TimeZone": "UTC"}
    log_files = list((running.home / "postgres" / "data" / "pg_wal").glob("[0-9A-F]" * 24))
    assert len(log_files) >= 16, "a crisis would wait for each new one"
    with redis.Redis.from_url(settings["REDIS_URL"]) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert (running.home / "env").stat().st_mode & 0o777 == 0o600
    assert running.home.stat().st_mode & 0o777 == 0o700
    assert all(entry["ready"] for entry in running.state()["processes"])
    assert settings["STRIPE_WEBHOOK_SECRETS"].partition("=")[2] in running.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_leaves_nothing_running(running, number):
    assert running.stop(number) == 0
    assert running.left_running() == []
    assert "received fast shutdown request" in (running.home / "logs" / "postgres.log").read_text()


def test_what_was_kept_and_made_is_there_again_at_the_next_start(running):
    with database(running) as conn:
        conn.execute("CREATE TABLE remembered AS SELECT 1 AS one")
    before = running.settings()
    running.stop()
    running.start()
    with database(running) as conn:
        assert conn.execute("SELECT one FROM remembered").fetchone() == (1,)
    assert running.settings() == before


def test_a_second_start_on_the_same_home_is_refused_and_names_the_first(running, make_up):
    second = make_up()
    output = second.output = running.home / "second.txt"
    assert second.refused() == 3
    assert f"process {running.process.pid}" in output.read_text()
    assert running.process.poll() is None


def test_two_homes_run_side_by_side(running, make_up):
    other = make_up("other").start()
    ports = [up.settings()[name] for up in (running, other) for name in ("DATABASE_URL", "CARELANE_WEBHOOK_PORT")]
    assert len(set(ports)) == 4


def test_services_elsewhere_are_used_and_none_started(running, make_up):
    given = {name: running.settings()[name] for name in ("DATABASE_URL", "REDIS_URL")}
    other = make_up("other", **given).start()
    assert {entry["name"] for entry in other.state()["processes"]}.isdisjoint({"postgres", "valkey"})
    assert "a key pair was made" in other.said()


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_service_elsewhere_that_does_not_answer_stops_the_start(make_up, name):
    scheme = {"DATABASE_URL": "postgresql", "REDIS_URL": "redis"}[name]
    up = make_up(**{name: f"{scheme}://127.0.0.1:9/0"})
    assert up.refused() == 1
    assert up.left_running() == []


def test_a_taken_port_set_by_hand_and_an_empty_secret_are_told_together(make_up):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        up = make_up(CARELANE_WEBHOOK_PORT=str(listener.getsockname()[1]), STRIPE_WEBHOOK_SECRETS="")
        assert up.refused() == 2
    assert "CARELANE_WEBHOOK_PORT" in up.said()
    assert "STRIPE_WEBHOOK_SECRETS" in up.said()
    assert "Traceback" not in up.said()


def test_a_process_that_cannot_start_stops_everything_and_shows_its_last_words(make_up):
    up = make_up(
        procfile=PROCFILE + "late: python -c 'import sys; sys.exit(\"no such luck\")'\nnext: no-such-program\n"
    )
    assert up.refused() == 1
    assert "no-such-program" in up.said()
    up = make_up(
        "other", procfile=PROCFILE + "crooked: python -c 'raise SystemExit(\"no such luck\")'\nbeat: sleep 9\n"
    )
    assert up.refused() == 1
    assert "crooked ended with code 1" in up.said()
    assert "no such luck" in up.said()
    assert up.left_running() == []


def test_a_formation_starts_several_of_a_kind(make_up):
    up = make_up(CARELANE_FORMATION="crisis=2,relay=0").start()
    names = [entry["name"] for entry in up.state()["processes"]]
    assert names == ["postgres", "valkey", "webhook", "app", "crisis.1", "crisis.2", "flower"]


def test_each_process_gets_its_own_share_and_no_secret_is_on_a_command_line(running):
    environ = {
        name: json.loads((running.home / "run" / f"{name}.environ").read_text()) for name in ("webhook", "flower")
    }
    settings = running.settings()
    assert "CARELANE_UNSEAL_PRIVATE_KEY" not in environ["webhook"]
    assert "DATABASE_URL" not in environ["flower"]
    assert environ["flower"]["FLOWER_BASIC_AUTH"] == f"carelane:{settings['CARELANE_FLOWER_PASSWORD']}"
    assert environ["webhook"]["CARELANE_HOME"] == str(running.home)
    commands = subprocess.run(["ps", "-A", "-ww", "-o", "command="], capture_output=True, text=True, check=True).stdout
    for secret in (settings["CARELANE_FLOWER_PASSWORD"], settings["REDIS_URL"], settings["DATABASE_URL"]):
        assert secret not in commands


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lay down")
def test_postgres_of_root_runs_without_roots_rights_below_a_closed_directory(make_up):
    up = make_up()
    up.home.parent.chmod(0o700)
    up.start()
    pid = up.entry("postgres")["pid"]
    owner = subprocess.run(["ps", "-o", "uid=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    assert int(owner) != 0
    assert up.home.parent.stat().st_mode & 0o777 == 0o700
