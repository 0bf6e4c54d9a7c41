"""Streams while what tells them is killed again and again: nobody misses a notice, and nobody hears one twice."""

import contextlib
import os
import secrets
import signal
import threading

import psycopg
import pytest
from psycopg.rows import dict_row

from shared import notices
from shared.waking import Bell
from tests.running import until
from tests.sse import Listener

KILLED = ("stream", "deliver", "app")


class Killing(threading.Thread):
    """Kills one of them after the other; `deaths` counts what was alive."""

    def __init__(self, carelane, *, pause_seconds):
        super().__init__(daemon=True)
        self._carelane, self._pause_seconds = carelane, pause_seconds
        self._over = threading.Event()
        self.deaths = 0

    def run(self):
        while not self._over.wait(self._pause_seconds):
            name = KILLED[self.deaths % len(KILLED)]
            with contextlib.suppress(ProcessLookupError, TypeError):  # it has not come back yet, or has no number
                os.killpg(self._carelane.pids()[name], signal.SIGKILL)
                self.deaths += 1

    def stop(self):
        self._over.set()
        self.join(30)


def told(carelane, recipient, count, *, least_deaths, killing):
    """Owe so many, a few at a time, and go on until enough was killed meanwhile."""
    made = []
    with psycopg.connect(carelane.settings()["DATABASE_URL"], row_factory=dict_row) as conn:
        bell = Bell(carelane.settings()["REDIS_URL"])
        is_enough = False
        while not is_enough:  # those after the last death are heard on a new connection alone
            is_enough = len(made) >= count and killing.deaths >= least_deaths
            for _ in range(10):
                made.append(len(made))
                cause = f"{recipient}:{len(made)}"
                notices.owe(conn, cause=cause, kind="access:updated", recipient=recipient, data={"n": made[-1]})
            conn.commit()
            bell.ring()
        bell.close()
    return made


@pytest.fixture
def header(carelane):
    name = f"listener-{secrets.token_hex(4)}"
    made = carelane.run("token", "create", "--name", name, "--scope", "stream")
    assert made.returncode == 0, made.stderr
    return made.stdout.strip()


@pytest.mark.parametrize(
    ("count", "deaths"),
    [
        pytest.param(1_000, 1, id="1000"),
        pytest.param(10_000, 9, id="10000", marks=[pytest.mark.chaos_long, pytest.mark.timeout(600)]),
    ],
)
def test_a_reader_misses_nothing_and_hears_nothing_twice_while_the_doors_are_killed(carelane, header, count, deaths):
    port = int(carelane.environ["CARELANE_STREAM_PORT"])
    user_id = f"listener-{count}"
    mine = Listener(port, header, query=f"?userId={user_id}")
    everybody = Listener(port, header)
    killing = Killing(carelane, pause_seconds=1.0)
    try:
        until(lambda: mine.last_id and everybody.last_id)
        killing.start()
        wanted = told(carelane, f"person:{user_id}", count, least_deaths=deaths, killing=killing)
        killing.stop()
        until(lambda: len(mine.heard) >= len(wanted), seconds=120)
        own = [data for _, data in until(lambda: heard_of(everybody, wanted), seconds=120)]
    finally:
        killing.stop()
        for listener in (mine, everybody):
            listener.stop()
    assert [data["n"] for _, data in mine.heard] == wanted
    assert [data["n"] for data in own] == wanted
    positions = [position for position, _ in mine.heard]
    assert positions == sorted(set(positions))
    assert mine.gaps == everybody.gaps == []
    assert mine.connections > 1


def heard_of(everybody, wanted):
    """What a service heard of this person alone, once it is as much."""
    found = [(position, data) for position, data in list(everybody.heard) if set(data) == {"n"}]
    return found if len(found) >= len(wanted) else None
