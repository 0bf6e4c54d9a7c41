"""Case 43: processes are asked to stop while they have work in hand."""

import os
import signal
import threading

import pytest

from tests.chaos.own import own_scene
from tests.chaos.scene import WORKERS, mixed, standard
from tests.running import until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]


@pytest.mark.case(
    "43",
    injected="workers and relay asked to stop, one after the other, with work in hand",
    expected="what is in hand is finished; no attempt is lost",
)
def test_what_is_in_hand_is_finished_before_the_stop(scene):
    slow = [standard(id=f"evt_slow800_{os.urandom(8).hex()}") for _ in range(12)]
    scene.client.send(slow)
    for name in (*WORKERS, "relay"):
        scene.client.send(mixed(20))
        before = scene.carelane.pids()[name]
        os.kill(before, signal.SIGTERM)
        until(lambda name=name, before=before: scene.carelane.pids()[name] not in {None, before})
    scene.drained()
    ids = list(scene.client.acked)
    lost = scene.query(
        "SELECT event_id FROM attempts JOIN events ON id = event_row"
        " WHERE error_class = 'worker-lost' AND event_id = ANY(%s)",
        ids,
    )
    assert lost == []
    scene.tell(f"{len(lost)} attempts lost")


@pytest.mark.case(
    "43", injected="all of Carelane asked to stop under load, and started again", expected="stops with 0; nothing lost"
)
def test_all_of_it_stops_in_order_and_goes_on_after_its_start(tmp_path, seen):
    with own_scene(tmp_path, tell=seen) as scene:
        events = mixed(2000)
        sender = threading.Thread(target=scene.client.send, args=[events], kwargs={"keep_trying_seconds": 180})
        sender.start()
        until(lambda: len(scene.client.acked) > 200)
        assert scene.carelane.stop() == 0
        scene.carelane.start()
        sender.join(200)
        assert len(scene.client.acked) == len(events)
        scene.tell("stopped with 0")
