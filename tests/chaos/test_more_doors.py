"""Cases 12, 35 and 41: doors on other machines: without a connection to be had, with other secrets, at another time."""

import os
import subprocess
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.chaos.beside import process
from tests.chaos.client import Client
from tests.chaos.scene import mixed, standard
from tests.integration.webhook.conftest import serving
from tests.peers import need
from tests.running import SECRET, until

OLD = "whsec_the_one_that_is_rolled_out"


@contextmanager
def door(scene, place, **environ):
    """A webhook door beside the one of `carelane up`, over the same database; yields Stripe's side of it."""
    settings = scene.carelane.settings() | {"CARELANE_HOME": str(place / "home")} | environ
    with serving("ingress.webhook.door:create", place / "door.log", **settings) as served:
        yield Client(f"http://127.0.0.1:{served.port}/api/webhooks/stripe", scene.client.attempted, scene.client.acked)


def url_of(scene, role):
    """The database under a role whose password is its name."""
    address = urlsplit(scene.database_url)
    return address._replace(netloc=f"{role}:{role}@{address.hostname}:{address.port}").geturl()


@pytest.fixture
def crowded(scene):
    """The database for a role that may have one connection, which the yielded one takes while it is open."""
    scene.query(
        "CREATE ROLE crowded LOGIN PASSWORD 'crowded' CONNECTION LIMIT 1 IN ROLE pg_read_all_data, pg_write_all_data"
    )
    with psycopg.connect(url_of(scene, "crowded")) as held:
        yield held
    scene.query("DROP ROLE crowded")


@pytest.mark.chaos_long
@pytest.mark.case(
    "12", injected="no connection left for a door that starts", expected="500; kept when there are some again"
)
def test_a_door_without_connections_asks_to_come_again(scene, tmp_path, crowded):
    events = [standard() for _ in range(10)]
    with door(scene, tmp_path, DATABASE_URL=url_of(scene, "crowded")) as stripe:
        assert {stripe.once(event) for event in events} == {500}
        assert stripe.acked == set()
        crowded.close()
        stripe.send(events)
        assert len(stripe.acked) == len(events)
    scene.tell("10 of 10 answered 500, then kept")


@pytest.mark.chaos_long
@pytest.mark.case(
    "35", injected="the secret rolled: both known, then the old one dropped", expected="no refusal meanwhile; then 401"
)
def test_a_secret_is_rolled_without_a_refusal(scene, tmp_path):
    with door(scene, tmp_path, STRIPE_WEBHOOK_SECRETS=f"old={OLD},new={SECRET}") as stripe:
        stripe.send([standard() for _ in range(20)], secret=OLD)
        stripe.send([standard() for _ in range(20)], secret=SECRET)
        assert stripe.answers == {200: 40}
    with door(scene, tmp_path, STRIPE_WEBHOOK_SECRETS=f"new={SECRET}") as stripe:
        stripe.send([standard() for _ in range(20)], secret=SECRET)
        refused = Client(stripe.url)
        assert {refused.once(standard(), secret=OLD) for _ in range(20)} == {401}
    scene.tell("60 of 60 kept, 20 of 20 refused at last")


@pytest.mark.chaos_long
@pytest.mark.parametrize("skew", ["+10m", "-10m"])
@pytest.mark.case(
    "41", injected="a door whose clock is ten minutes off", expected="400, nothing kept; Stripe comes again"
)
def test_a_door_with_a_wrong_clock_keeps_nothing(scene, tmp_path, skew):
    need("faketime", package="faketime")
    library = faketime_library()
    events = [standard() for _ in range(10)]
    with door(scene, tmp_path, LD_PRELOAD=library, FAKETIME=skew, FAKETIME_DONT_FAKE_MONOTONIC="1") as stripe:
        assert {stripe.once(event) for event in events} == {400}
    scene.client.send(events)
    scene.tell(f"{skew}: 10 of 10 answered 400")


def faketime_library():
    """Where its package put it."""
    command = ["faketime", "-f", "+0", "printenv", "LD_PRELOAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


@pytest.mark.chaos_long
@pytest.mark.timeout(400)
@pytest.mark.case(
    "41", injected="a worker whose clock is two hours ahead, beside busy ones", expected="no duplicate effect"
)
def test_a_worker_ahead_of_its_time_does_nothing_twice(scene):
    need("faketime", package="faketime")
    command = ["celery", "-A", "tests.chaos.doctored_worker", "worker", "--pool", "prefork", "--concurrency", "1"]
    command += ["--queues", "crisis,standard", "--hostname", "ahead@%h", "--without-gossip", "--without-mingle"]
    command += ["--prefetch-multiplier", "1", "--disable-prefetch", "--loglevel", "WARNING"]
    slow = [standard(id=f"evt_slow1500_{os.urandom(8).hex()}") for _ in range(6)]
    with process(scene, "ahead", *command, under=["faketime", "-f", "+2h"]):
        scene.client.send([*slow, *mixed(200)])
        scene.settled(*slow)
        scene.drained()
        until(lambda: carried(scene) or scene.client.send(mixed(20)) is None)
    scene.tell(f"{carried(scene)} of {len(scene.client.acked)} carried by it")


def carried(scene):
    return scene.query("SELECT count(*) AS n FROM attempts WHERE worker LIKE 'ahead@%'")[0]["n"]
