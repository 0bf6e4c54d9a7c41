"""The life of processes: frozen ones are found and replaced, all are restarted under load, what stops, stops well."""

import json
import os
import secrets
import signal
import threading
import time
import urllib.error
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from shared import broker, pulse
from shared.processes import identity
from tests.acceptance.posting import fresh, post
from tests.running import Carelane, until

SUBSCRIPTION = "basil/customer.subscription.updated"
EVENTS_PER_SECOND = 30


@pytest.fixture(scope="module")
def carelane(servers, tmp_path_factory):
    """Little patience with what shows no life; and `steady` alone serves the standard lane, so nobody stands in."""
    carelane = Carelane(
        tmp_path_factory.mktemp("living") / "home",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        CARELANE_FORMATION="standard=0,flower=0",
        CARELANE_STALE_SECONDS="4",
        CARELANE_STANDARD_UNCLAIMED_SECONDS="3",
        CARELANE_TASK_SOFT_LIMIT_SECONDS="40",
        CARELANE_TASK_HARD_LIMIT_SECONDS="60",
        CARELANE_LEASE_SECONDS="90",
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


@pytest.fixture
def conn(servers, carelane):
    with psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


def settled(conn, *events):
    ids = [event["id"] for event in events]
    query = "SELECT count(*) AS n FROM events WHERE event_id = ANY(%s) AND settled_at IS NOT NULL"
    return until(lambda: conn.execute(query, [ids]).fetchone()["n"] == len(ids), seconds=120)


def entry(carelane, name):
    document = json.loads((carelane.home / "run" / "processes.json").read_text())
    return next(process for process in document["processes"] if process["name"] == name)


def members(carelane, name):
    """Processes of this name that beat and live."""
    return {pid for pid, _ in pulse.pulses(carelane.home, name) if lives(pid)}


def lives(pid):
    """A process that has ended and waits to be reaped does not."""
    return identity(pid) is not None


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123 - proc's files are no paths
        return [int(word) for word in file.read().split()]


def stands_still(pid):
    """Each of its threads is stopped."""
    told = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(line.rpartition(")")[2].split()[0] == "T" for line in told)


def delivered(carelane, event):
    """As Stripe does it: once more, when a connection ends without an answer."""
    with suppress(ConnectionError):
        return post(carelane, event)[0]
    return post(carelane, event)[0]


def test_what_is_frozen_is_killed_and_comes_back(carelane, conn):
    names = ("crisis", "steady", "relay")
    before = {name: entry(carelane, name) for name in names}
    door = next(iter(until(lambda: members(carelane, "webhook"))))
    for pid in (*(noted["pid"] for noted in before.values()), door):
        os.kill(pid, signal.SIGSTOP)
    until(lambda: stands_still(door))  # before that it may take up a connection yet, which dies with it
    events = [fresh(SUBSCRIPTION), fresh("acacia/invoice.payment_failed")]
    assert [delivered(carelane, event) for event in events] == [200, 200]
    settled(conn, *events)
    for name in names:
        until(lambda name=name: entry(carelane, name)["ready"] and entry(carelane, name)["pid"] != before[name]["pid"])
        assert f"{name} no longer gets on and is killed" in carelane.said()
    until(lambda: not lives(door) and len(members(carelane, "webhook")) == 2)
    assert f"process {door} of webhook no longer gets on and is killed" in carelane.said()


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="children are found by /proc")  # noqa: PTH110
def test_a_worker_whose_child_is_frozen_ends_itself_and_the_event_settles(carelane, conn, broker_client):
    # In the middle of a task it would be a matter of the time limits.
    lists = [broker.list_name("standard", step) for step in broker.PRIORITY_STEPS]
    until(lambda: not any(map(broker_client.llen, lists)) and not broker_client.hlen("unacked"))
    before = entry(carelane, "steady")
    (child,) = [pid for pid in children(before["pid"]) if lives(pid)]
    os.kill(child, signal.SIGSTOP)
    event = fresh(SUBSCRIPTION)
    assert post(carelane, event)[0] == 200
    settled(conn, event)
    assert entry(carelane, "steady")["pid"] != before["pid"]
    assert not lives(child)
    assert '"worker.wedged"' in carelane.logs()
    assert "steady ended with code 70" in carelane.said()


class Load:
    """Posts events one after the other, each on a connection of its own, and keeps every answer."""

    def __init__(self, carelane):
        self.events, self.answers = [], []
        self._carelane = carelane
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post) for _ in range(4)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _post(self):
        while not self._stop.wait(len(self._threads) / EVENTS_PER_SECOND):
            event = fresh(SUBSCRIPTION, **{"data.object.id": f"sub_{secrets.token_hex(8)}"})
            self.events.append(event)
            try:
                self.answers.append(post(self._carelane, event)[0])
            except (OSError, urllib.error.URLError) as error:
                self.answers.append(repr(error))


def test_a_rolling_restart_under_load_loses_nothing_and_answers_nothing_but_200(carelane, conn):
    names = ("webhook", "app", "crisis", "stream", "steady", "relay", "deliver", "beat")  # as they were started
    before = {name: entry(carelane, name)["pid"] for name in names}
    doors = until(lambda: len(pids := members(carelane, "webhook") | members(carelane, "app")) == 4 and pids)
    said = carelane.said()
    with Load(carelane) as load:
        until(lambda: len(load.answers) > 20)
        done = carelane.run("restart")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"{name} was restarted" for name in names]
    assert set(load.answers) == {200}
    settled(conn, *load.events)
    after = {name: entry(carelane, name)["pid"] for name in names}
    assert [name for name in names if after[name] == before[name]] == ["webhook", "app", "stream"]
    assert not [pid for pid in doors if lives(pid)]
    assert len(doors) == len(members(carelane, "webhook") | members(carelane, "app")) == 4
    # What was asked for is no trouble: nobody is told of it, and it counts as no failure.
    assert carelane.said() == said


def test_only_the_process_that_was_named_is_restarted(carelane):
    before = {name: entry(carelane, name) for name in ("crisis", "beat")}
    done = carelane.run("restart", "beat")
    assert (done.returncode, done.stdout) == (0, "beat was restarted\n"), done.stderr
    assert entry(carelane, "crisis") == before["crisis"]
    assert entry(carelane, "beat")["pid"] != before["beat"]["pid"]
    assert entry(carelane, "beat")["restarts"] == before["beat"]["restarts"]


@pytest.mark.parametrize("name", ["nobody", "postgres", "crisis.7"])
def test_a_name_that_does_not_run_here_changes_nothing(carelane, name):
    before = carelane.pids()
    done = carelane.run("restart", "crisis", name)
    assert done.returncode == 2
    assert name in done.stderr
    assert carelane.pids() == before


@contextmanager
def held_back(database_url, event):
    """Whoever places this event's fact waits for a subject of the same identity that is never committed."""
    with psycopg.connect(database_url) as holder:
        holder.execute(
            "INSERT INTO subjects (kind, subject_id, livemode) VALUES ('subscription', %s, %s)",
            [event["data"]["object"]["id"], event["livemode"]],
        )
        yield
        holder.rollback()


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_in_hand(carelane, conn, servers):
    worker = entry(carelane, "steady")["pid"]
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_in_hand"})
    waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'carelane-worker'"
    with held_back(servers.database_url, event):
        assert post(carelane, event)[0] == 200
        until(lambda: conn.execute(waiting).rowcount)
        os.kill(worker, signal.SIGTERM)
        time.sleep(0.5)  # it must be seen to wait: an end at once would be too early
        assert lives(worker)
    settled(conn, event)
    shown = carelane.json("events", "show", event["id"])
    assert shown["state"] == "processed"
    assert [attempt["errorClass"] for attempt in shown["attempts"]] == [None]
    until(lambda: entry(carelane, "steady")["pid"] not in (None, worker) and entry(carelane, "steady")["ready"])
    assert "steady ended with code 0" in carelane.said()
