"""Cases 15 to 19: the broker is gone, frozen, wiped or full. PostgreSQL is the queue, so nothing may depend on it."""

import signal

import pytest

from tests.chaos import backlog
from tests.chaos.scene import WORKERS, mixed
from tests.running import until


@pytest.mark.chaos_long
@pytest.mark.case("15", injected="the broker stopped", expected="every delivery 200; settled when it is back")
def test_without_a_broker_everything_is_kept(scene):
    scene.servers.valkey.kill()
    try:
        scene.client.send(mixed(60))
        assert set(scene.client.answers) == {200}
    finally:
        scene.servers.valkey.start()
    scene.drained()


@pytest.mark.chaos_long
@pytest.mark.timeout(900)
@pytest.mark.case(
    "16",
    injected="the broker killed and started, under load and while workers start, 8 times",
    expected="workers take up events again each time",
)
def test_a_broker_that_comes_and_goes_leaves_no_worker_deaf(scene):
    for turn in range(8):
        if turn % 2:
            for name in WORKERS:
                scene.kill(name)
            until(lambda: all(scene.carelane.pids()[name] for name in WORKERS))
        scene.client.send(mixed(40))
        scene.servers.valkey.kill()
        scene.client.send(mixed(40))
        scene.servers.valkey.start()
        scene.drained(seconds=120)
        scene.every_worker_serves()
    scene.tell("8 of 8 times")


@pytest.mark.chaos_long
@pytest.mark.case("17", injected="the broker frozen", expected="every delivery 200; the relay says so; settled later")
def test_a_frozen_broker_holds_nobody_up(scene):
    told = scene.carelane.logs().count("broker_away")
    scene.servers.valkey.process.send_signal(signal.SIGSTOP)
    try:
        scene.client.send(mixed(60))
        assert set(scene.client.answers) == {200}
        until(lambda: scene.carelane.logs().count("broker_away") > told)
    finally:
        scene.servers.valkey.process.send_signal(signal.SIGCONT)
    scene.drained()


@pytest.mark.parametrize("count", [1000, pytest.param(20_000, marks=pytest.mark.chaos_long)])
@pytest.mark.timeout(1800)
@pytest.mark.case("18", injected="FLUSHALL with events waiting", expected="all settled without a person")
def test_a_wiped_broker_forgets_nothing(scene, count):
    events = mixed(count)
    scene.wiped(lambda: backlog.keep(scene.carelane.settings(), events))
    scene.drained(seconds=60 + count / 15)
    scene.tell(f"{count} waiting, {count} settled")


@pytest.mark.chaos_long
@pytest.mark.case(
    "19",
    injected="the broker's memory full, and a worker started in it",
    expected="every delivery 200; settled when there is room",
)
def test_a_full_broker_costs_only_time(scene):
    with scene.broker() as broker:
        usual = broker.config_get("maxmemory")["maxmemory"]
        broker.config_set("maxmemory", 1)
        try:
            scene.client.send(mixed(60))
            assert set(scene.client.answers) == {200}
            before = scene.carelane.pids()["steady"]
            scene.kill("steady")
            until(lambda: scene.carelane.pids()["steady"] not in {None, before})
        finally:
            broker.config_set("maxmemory", usual)
    scene.drained()
