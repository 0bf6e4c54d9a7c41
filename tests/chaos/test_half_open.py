"""Case 21: connections to the broker stay up and carry nothing, as behind a firewall that forgot them."""

import pytest

from tests.chaos.blackhole import Blackhole
from tests.chaos.own import own_scene
from tests.chaos.scene import critical, mixed, standard
from tests.servers import admin, url

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(400)]


@pytest.fixture
def proxy(servers):
    proxy = Blackhole(servers.valkey_port)
    yield proxy
    proxy.close()


@pytest.fixture
def database_url(servers):
    with admin(servers.postgres_port) as conn:
        conn.execute("CREATE DATABASE half_open")
    yield url(servers.postgres_port, "half_open")
    with admin(servers.postgres_port) as conn:
        conn.execute("DROP DATABASE half_open WITH (FORCE)")


@pytest.mark.case("21", injected="every connection to the broker half-open", expected="workers take up events again")
def test_half_open_connections_are_noticed(tmp_path, proxy, servers, database_url, seen):
    redis_url = f"redis://:test@127.0.0.1:{proxy.port}/1"
    with own_scene(tmp_path, tell=seen, servers=servers, DATABASE_URL=database_url, REDIS_URL=redis_url) as scene:
        scene.client.send([standard(), critical()])
        scene.drained()
        proxy.swallow()
        scene.client.send(mixed(40))
        assert set(scene.client.answers) == {200}
        scene.drained(seconds=240)
