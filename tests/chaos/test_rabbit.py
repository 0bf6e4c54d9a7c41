"""RabbitMQ as the broker: quorum queues by URL, crises first by workers of their own, and its faults."""

import secrets
import signal

import pytest

from tests.chaos import backlog
from tests.chaos.own import own_scene
from tests.chaos.scene import WORKERS, critical, mixed, standard
from tests.rabbit import Rabbit
from tests.running import until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory):
    rabbit = Rabbit(tmp_path_factory.mktemp("rabbit") / "node")
    rabbit.start()
    yield rabbit
    rabbit.stop()


@pytest.fixture
def scene(rabbit, servers, tmp_path, seen):
    servers.renew("rabbit")
    with own_scene(
        tmp_path,
        tell=seen,
        servers=servers,
        DATABASE_URL=servers.url_of("rabbit"),
        REDIS_URL=servers.redis_url,
        CARELANE_BROKER_URL=rabbit.url,
        CARELANE_CRISIS_UNCLAIMED_SECONDS="2",
        CARELANE_STANDARD_UNCLAIMED_SECONDS="4",
    ) as scene:
        yield scene


@pytest.mark.case(
    "RabbitMQ", injected="400 events over quorum queues; the node frozen, then killed", expected="200; settled later"
)
def test_rabbitmq_is_a_broker_as_good_as_any(scene, rabbit):
    scene.client.send(mixed(400))
    scene.drained()
    with scene.broker() as redis:
        assert redis.keys("crisis*") == redis.keys("standard*") == [], "nothing of it went over Redis"
    rabbit.freeze()
    try:
        scene.client.send(mixed(60))
    finally:
        rabbit.freeze(signal.SIGCONT)
    scene.drained()
    rabbit.kill()
    try:
        scene.client.send(mixed(60))
    finally:
        rabbit.start()
    assert set(scene.client.answers) == {200}
    scene.drained()
    scene.every_worker_serves()


@pytest.mark.case(
    "RabbitMQ, lanes", injected="3,000 standard events waiting", expected="those of the crisis lane are served first"
)
def test_workers_of_their_own_keep_crises_first(scene):
    crises = [critical() for _ in range(40)]
    with scene.frozen(*WORKERS):
        scene.client.send([standard() for _ in range(3000)], threads=16)
        scene.client.send(crises)
    scene.settled(*crises)
    (row,) = scene.query("SELECT count(*) AS n FROM events WHERE lane = 'standard' AND settled_at IS NULL")
    scene.tell(f"40 of 40 settled while {row['n']} of 3,000 standard ones waited")
    assert row["n"] > 0
    scene.drained(seconds=240)
    served = "SELECT DISTINCT split_part(a.worker, '@', 1) AS name FROM attempts AS a JOIN events ON id = event_row "
    until(lambda: {r["name"] for r in scene.query(served + "WHERE lane = 'crisis'")} == {"crisis"})
    assert {r["name"] for r in scene.query(served + "WHERE lane = 'standard'")} == {"standard", "steady"}


@pytest.mark.case(
    "RabbitMQ, danger",
    injected="1,500 failed payments in the one queue; 20 events of a person in an open crisis behind them",
    expected="the person's events start with the next message that is taken up",
)
def test_one_queue_keeps_nobody_in_danger_waiting(scene):
    customer = f"cus_{secrets.token_hex(8)}"
    backlog.open_crisis(scene, customer)
    events = [standard(**{"data.object.customer": customer}) for _ in range(20)]
    with scene.frozen(*WORKERS):
        scene.client.send([critical() for _ in range(1500)], threads=16)
        scene.client.send(events)
    scene.settled(*events)
    behind = "SELECT count(*) AS n FROM events WHERE lane = 'crisis' AND settled_at IS NULL"
    left = scene.query(behind)[0]["n"]
    scene.tell(f"20 of 20 settled while {left} of 1,500 waited")
    assert left > 0
    scene.drained(seconds=240)
