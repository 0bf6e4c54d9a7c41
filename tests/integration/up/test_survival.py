"""What happens when something is killed: a process, PostgreSQL, the guard, the supervisor itself."""

import contextlib
import os
import signal
import threading

import psycopg
import redis

from .conftest import until


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def came_back(up, name, before):
    def look():
        entry = up.entry(name)
        return entry["pid"] not in (None, before["pid"]) and entry["ready"] and entry

    return until(look)


def test_a_killed_process_comes_back_and_is_counted(running):
    before = running.entry("crisis")
    kill(before["pid"])
    assert came_back(running, "crisis", before)["restarts"] == before["restarts"] + 1


def test_a_killed_postgres_comes_back_with_what_was_kept(running):
    url = running.settings()["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    before = running.entry("postgres")
    kill(before["pid"])
    came_back(running, "postgres", before)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_postgres_comes_back_although_a_busy_backend_of_the_killed_one_holds_its_memory(running):
    url = running.settings()["DATABASE_URL"]

    def keep_a_backend_busy():
        # It looks at nothing but its clock: not at its client and not for its postmaster.
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(url, autocommit=True, options="-c statement_timeout=4000") as conn,
        ):
            conn.execute("DO $$ BEGIN LOOP END LOOP; END $$")

    thread = threading.Thread(target=keep_a_backend_busy)
    thread.start()
    with psycopg.connect(url, autocommit=True) as conn:
        until(lambda: conn.execute("SELECT FROM pg_stat_activity WHERE query LIKE 'DO %'").rowcount)
    before = running.entry("postgres")
    kill(before["pid"])
    came_back(running, "postgres", before)
    thread.join(20)
    assert "shared memory block" in (running.home / "logs" / "postgres.log").read_text()


def test_a_killed_valkey_comes_back_with_its_queue(running):
    url = running.settings()["REDIS_URL"]
    with redis.Redis.from_url(url) as client:
        client.lpush("standard", "one")
        until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0)
    before = running.entry("valkey")
    kill(before["pid"])
    came_back(running, "valkey", before)
    with redis.Redis.from_url(url) as client:
        assert client.lrange("standard", 0, -1) == [b"one"]


def test_a_killed_supervisor_leaves_nothing_running(running):
    kill(running.process.pid)
    running.process.wait()
    until(lambda: not running.left_running(), seconds=20)


def test_a_killed_guard_is_replaced_and_its_successor_knows_everything(running):
    first = running.state()["guard"]
    kill(first)
    until(lambda: running.state()["guard"] != first)
    kill(running.process.pid)
    running.process.wait()
    until(lambda: not running.left_running(), seconds=20)


def test_what_a_killed_supervisor_and_guard_left_is_ended_by_the_next_start(running):
    left = running.pids()
    kill(running.state()["guard"])
    kill(running.process.pid)
    running.process.wait()
    assert running.left_running()
    running.start()
    assert "Ended what an earlier run left behind" in running.said()
    assert not set(left) & set(running.pids())
    assert running.stop() == 0
    assert running.left_running() == []


def test_a_start_right_after_the_supervisor_was_killed_works(running):
    before = running.settings()
    kill(running.process.pid)
    running.process.wait()
    running.start()
    assert running.settings() == before


def test_a_stop_in_the_middle_of_the_start_leaves_nothing_running(make_up):
    up = make_up(procfile="crisis: sleep 60\n").begin()
    until(lambda: (up.home / "run" / "processes.json").exists() and up.state()["processes"][-1]["name"] == "crisis")
    assert up.stop() == 1
    assert up.left_running() == []


def test_a_reader_that_went_away_does_not_keep_it_from_an_orderly_stop(make_up):
    up = make_up()
    reader, writer = os.pipe()
    up.begin(stdout=writer)
    os.close(writer)
    until((up.home / "run" / "processes.json").exists)
    until(lambda: (states := up.state()["processes"])[-1]["name"] == "flower" and all(s["ready"] for s in states))
    os.close(reader)
    assert up.stop() == 0
    assert up.left_running() == []


def test_what_does_not_listen_to_the_wish_to_stop_is_killed_by_the_second_one(make_up):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(600)"
    up = make_up(procfile=f"deaf: python -c '{deaf}'\n").start()
    until((up.home / "logs" / "deaf.log").read_text)
    up.process.send_signal(signal.SIGTERM)
    until(lambda: "Stopping" in up.said())
    assert up.stop() == 0
    assert "deaf does not stop and is killed" in up.said()
    assert up.left_running() == []
