"""A broker that fails over: Valkey with a replica, watched by three Sentinels."""

import pytest

from tests.chaos.own import own_scene
from tests.chaos.scene import mixed
from tests.sentinels import Watched

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(600)]


@pytest.fixture
def watched(tmp_path):
    watched = Watched(tmp_path / "valkey")
    watched.start()
    yield watched
    watched.stop()


@pytest.mark.case(
    "Sentinel",
    injected="the broker's primary killed twice; each time the other server becomes it",
    expected="every delivery 200; workers serve again each time",
)
def test_workers_follow_the_primary(watched, servers, tmp_path, seen):
    servers.renew("watched")
    with own_scene(
        tmp_path, tell=seen, servers=servers, DATABASE_URL=servers.url_of("watched"), REDIS_URL=watched.url
    ) as scene:
        for _ in range(2):
            scene.client.send(mixed(60))
            first = watched.kill_primary()
            scene.client.send(mixed(60))
            second = watched.wait_for_another(first)
            watched.servers[first].start()  # it comes back as the replica
            scene.drained()
            scene.every_worker_serves()
            assert watched.primary() == second
        assert set(scene.client.answers) == {200}
        assert scene.carelane.json("doctor")["ok"]
