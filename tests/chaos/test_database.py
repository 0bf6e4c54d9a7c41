"""Cases 7 to 10: PostgreSQL restarts, crashes or freezes."""

import json
import os
import signal
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.scene import mixed, standard
from tests.running import until

COUNT = 120


def family(pid):
    """The server and all its children, the server first."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def restart_fast(postgres):
    postgres.stop()
    postgres.start()


def kill_all(postgres):
    for pid in family(postgres.process.pid):
        os.kill(pid, signal.SIGKILL)
    postgres.process.wait(10)
    postgres.start()


@contextmanager
def under_load(scene):
    """Deliveries go on meanwhile; each is repeated until it is answered 200."""
    events = mixed(COUNT)
    sender = threading.Thread(target=scene.client.send, args=[events], kwargs={"threads": 4})
    sender.start()
    until(lambda: len(scene.client.acked) > COUNT // 8)
    yield
    sender.join(120)
    assert not sender.is_alive()
    assert len(scene.client.acked) == COUNT
    assert set(scene.client.answers) <= {200, 500}
    scene.drained()


@pytest.mark.parametrize("strike", [restart_fast, pytest.param(kill_all, marks=pytest.mark.chaos_long)])
@pytest.mark.case(
    "7, 8",
    injected="PostgreSQL restarted (fast) or killed with all its processes, under load",
    expected="500 meanwhile, never a 200 without a row",
)
def test_a_database_that_goes_and_comes_back_has_every_event_it_confirmed(scene, strike):
    with under_load(scene):
        strike(scene.servers.postgres)
    scene.tell(f"{strike.__name__.replace('_', ' ')}: {scene.client.answers[500]} times 500")


@pytest.mark.chaos_long
@pytest.mark.case(
    "9", injected="one backend of PostgreSQL killed, under load", expected="all connections are reset; retried, or 500"
)
def test_a_killed_backend_takes_no_event_with_it(scene):
    with under_load(scene):
        (backend,) = scene.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'carelane-webhook' LIMIT 1")
        os.kill(backend["pid"], signal.SIGKILL)
    scene.tell(f"{scene.client.answers[500]} times 500")


def get(scene, path):
    address = f"http://127.0.0.1:{scene.carelane.environ['CARELANE_WEBHOOK_PORT']}{path}"
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.chaos_long
@pytest.mark.case("10", injected="PostgreSQL frozen, all its processes", expected="500 in time, threads free again")
def test_a_frozen_database_holds_no_thread_of_the_door(scene):
    """Without a bound of its own each waiting thread would be held until TCP gives up, and then not even 401 comes."""
    events = [standard() for _ in range(40)]
    frozen = family(scene.servers.postgres.process.pid)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        scene.client.send(events, threads=40, keep_trying_seconds=0)
        assert scene.client.answers == {500: 40}
        assert get(scene, "/healthz") == (200, {"alive": True})
        assert get(scene, "/readyz")[0] == 503
        assert {scene.client.once(standard(), secret="whsec_a_strangers_guess_at_it") for _ in range(8)} == {401}
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    scene.client.send(events)
    assert {event["id"] for event in events} <= scene.client.acked
    scene.tell("40 of 40 answered 500, 8 of 8 strangers 401")
