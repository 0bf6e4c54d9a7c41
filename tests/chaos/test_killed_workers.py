"""Cases 3 to 6: workers die or freeze at every step between taking a message and giving it back."""

import os
import random
import signal
import threading

import pytest

from tests.chaos import traps
from tests.chaos.scene import WORKERS, critical, standard
from tests.running import until

LONG = pytest.mark.chaos_long
STEPS = (
    pytest.param("before-claim", [None], marks=LONG),
    ("at-work", ["worker-lost", None]),
    pytest.param("before-commit", ["worker-lost", None], marks=LONG),
    ("after-commit", [None]),
)


@pytest.mark.parametrize(("step", "errors"), STEPS)
@pytest.mark.case(
    "3",
    injected="a worker killed before the claim, at work, before and after the commit",
    expected="taken up again, or done; one effect",
)
def test_a_worker_killed_at_any_step_costs_at_most_an_attempt(scene, step, errors):
    event = standard()
    traps.lay(scene.carelane.home, f"worker.{step}")
    scene.client.send([event])
    scene.settled(event)
    until(lambda: not traps.is_laid(scene.carelane.home, f"worker.{step}"))  # after the commit is after it is settled
    assert [attempt["error_class"] for attempt in scene.attempts(event)] == errors
    scene.tell(f"{step}: {len(errors)} attempts")


@pytest.mark.chaos_long
@pytest.mark.timeout(600)
@pytest.mark.case(
    "4", injected="workers killed at random every second or two for a minute, under load", expected="all settled"
)
def test_workers_killed_at_random_lose_nothing(scene):
    chance, over, kills = random.Random(4), threading.Event(), []

    def nemesis():
        while not over.wait(chance.uniform(1, 2)):
            name = chance.choice(WORKERS)
            if pid := scene.carelane.pids()[name]:
                os.killpg(pid, signal.SIGKILL)
                kills.append(name)

    thread = threading.Thread(target=nemesis)
    thread.start()
    try:
        for _ in range(60):
            scene.client.send([standard() for _ in range(15)] + [critical() for _ in range(5)], threads=4)
            over.wait(0.7)
    finally:
        over.set()
        thread.join()
    scene.drained(seconds=240)
    scene.tell(f"{len(kills)} kills")


@pytest.mark.chaos_long
@pytest.mark.case(
    "5",
    injected="a worker frozen at work beyond its lease, then woken",
    expected="another does the work; the late one commits nothing",
)
def test_a_frozen_worker_that_wakes_up_late_commits_nothing(scene):
    event = standard(id=f"evt_slow1500_{os.urandom(8).hex()}")
    fenced = scene.carelane.logs().count("event.fenced")
    scene.client.send([event])
    claimed_by = until(lambda: (scene.row(event) or {}).get("claimed_by"))
    with scene.frozen(claimed_by.partition("@")[0]):
        scene.settled(event)
    errors = [attempt["error_class"] for attempt in scene.attempts(event)]
    assert errors == ["worker-lost", None]
    scene.every_worker_serves()
    met = scene.carelane.logs().count("event.fenced") - fenced
    scene.tell(f"{len(errors)} attempts; " + ("the late one met the fence" if met else "the late one was ended first"))


@pytest.mark.case(
    "6", injected="a worker killed with a message it has popped and not begun", expected="rung again, and settled"
)
def test_a_message_lost_on_its_way_is_rung_again(scene):
    events = [standard(), critical()]
    with scene.frozen(*WORKERS, kill=True), scene.broker() as broker:
        # The messages go to pops that stood open when the workers froze: nobody has them any more.
        scene.client.send(events)
        until(lambda: broker.info("clients")["blocked_clients"] == 0 or not waiting(broker))
    scene.settled(*events)
    rung_again = [event for event in events if (row := scene.row(event))["nudged_at"] > row["received_at"]]
    assert rung_again
    scene.tell(f"{len(rung_again)} of 2 rung again")


def waiting(broker):
    return sum(broker.llen(key) for key in broker.scan_iter() if broker.type(key) == b"list")
