"""Cases 25 to 28: events that kill, starve or hang their worker, or fail for a while."""

import os

import pytest

from tests.chaos import traps
from tests.chaos.scene import standard


def named(manner):
    return standard(id=f"evt_{manner}_{os.urandom(8).hex()}")


def carried(scene, event, *, seconds):
    """It and its neighbours are settled; how often the handler had it in hand, and what each attempt ended with."""
    neighbours = [standard() for _ in range(10)]
    scene.client.send([event, *neighbours])
    scene.settled(*neighbours)
    scene.settled(event, seconds=seconds)
    return traps.passed(scene.carelane.home, event["id"]), [
        (attempt["outcome"], attempt["error_class"]) for attempt in scene.attempts(event)
    ]


def requeued_once(scene, event):
    """I12: a person may send it on, once; it dies of the same again."""
    done = scene.carelane.run("dead", "requeue", event["id"], "--yes", "--reason", "the matrix asks for it")
    assert done.returncode == 0, done.stderr
    again = scene.carelane.run("dead", "requeue", event["id"], "--yes", "--reason", "the matrix asks for it")
    assert again.returncode != 0
    assert scene.row(event)["series"] == 2


@pytest.mark.case("25", injected="an event that kills its worker, each time", expected="dead after 4 claims exactly")
def test_an_event_that_kills_its_worker_is_dead_after_its_attempts(scene):
    times, attempts = carried(scene, event := named("kills"), seconds=120)
    assert times == 4
    assert attempts == [("retrying", "worker-lost")] * 3 + [("dead", "worker-lost")]
    scene.tell(f"{times} claims; {scene.row(event)['reason_code']}")


@pytest.mark.chaos_long
@pytest.mark.case("26", injected="an event that asks for more memory than there is", expected="dead; its worker lives")
def test_an_event_that_needs_too_much_memory_is_a_bug(scene):
    times, attempts = carried(scene, event := named("eats"), seconds=120)
    assert times == 3
    assert attempts == [("retrying", "bug")] * 2 + [("dead", "bug")]
    requeued_once(scene, event)
    scene.tell(f"{times} claims")


@pytest.mark.chaos_long
@pytest.mark.timeout(400)
@pytest.mark.case(
    "27",
    injected="an event that hangs and is deaf to the soft limit",
    expected="the hard limit ends it; dead after 4 claims",
)
def test_an_event_that_hangs_is_ended_by_the_hard_limit(scene):
    times, attempts = carried(scene, named("hangs"), seconds=240)
    assert times == 4
    assert attempts == [("retrying", "worker-lost")] * 3 + [("dead", "worker-lost")]
    scene.tell(f"{times} claims")


@pytest.mark.case("28", injected="a neighbour away for the first attempts", expected="tried again, then processed")
def test_a_passing_failure_is_tried_again_until_it_works(scene):
    times, attempts = carried(scene, event := named("fails1"), seconds=120)
    assert times == 2
    assert attempts == [("retrying", "transient"), ("processed", None)]
    assert scene.row(event)["state"] == "processed"
    scene.tell(f"{times} attempts")


@pytest.mark.chaos_long
@pytest.mark.case(
    "27", injected="an event that meets a fault of ours each time", expected="dead after 3 attempts; requeued once"
)
def test_a_bug_is_tried_three_times_and_told(scene):
    _, attempts = carried(scene, event := named("bug"), seconds=120)
    assert attempts == [("retrying", "bug")] * 2 + [("dead", "bug")]
    requeued_once(scene, event)
    scene.settled(event)
