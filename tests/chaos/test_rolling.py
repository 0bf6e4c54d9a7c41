"""Case 44: every process is replaced, one after the other, while 200 events come every second."""

import threading

import pytest

from tests.chaos.own import own_scene
from tests.chaos.scene import mixed
from tests.running import until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(1800)]
PER_SECOND = 200


@pytest.mark.case(
    "44",
    injected="a rolling restart of every process, at 200 events a second",
    expected="no answer but 200, nothing lost",
)
def test_a_rolling_restart_at_200_a_second_is_noticed_by_nobody(tmp_path, seen):
    with own_scene(tmp_path, tell=seen, drain_seconds=1200) as scene:
        scene.client.keeps_alive, over = False, threading.Event()

        def deliver():
            while not over.is_set():
                scene.client.send(mixed(400), threads=16, per_second=PER_SECOND)

        sender = threading.Thread(target=deliver)
        sender.start()
        until(lambda: len(scene.client.acked) > 400)
        done = scene.carelane.run("restart")
        over.set()
        sender.join(120)
        assert done.returncode == 0, done.stderr
        assert set(scene.client.answers) == {200}
        scene.tell(f"{len(done.stdout.splitlines())} processes, {scene.client.answers[200]} answers, all 200")
