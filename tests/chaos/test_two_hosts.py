"""Two hosts with all of Carelane each, over one PostgreSQL and one broker, behind a balancer; one of them is lost."""

import os
import signal
import threading
import urllib.request
from contextlib import contextmanager, suppress

import pytest

from tests.balancer import balanced
from tests.chaos.client import Client
from tests.chaos.scene import Scene, mixed
from tests.running import Carelane, until

pytestmark = [pytest.mark.chaos_long, pytest.mark.timeout(900)]
PER_SECOND, EVENTS, PERSON = 40, 800, "person-of-two-hosts"
SHARED = (
    "CARELANE_SEAL_PUBLIC_KEY",
    "CARELANE_UNSEAL_PRIVATE_KEY",
    "CARELANE_LOOKUP_KEY",
    "CARELANE_CALLBACK_KEY",
)


@pytest.fixture
def hosts(servers, tmp_path):
    """The second one has the keys of the first."""
    servers.renew("hosts")
    same = {"DATABASE_URL": servers.url_of("hosts"), "REDIS_URL": servers.redis_url}
    one = Carelane(tmp_path / "one", **same)
    one.start()
    keys = {name: one.settings()[name] for name in SHARED}
    two = Carelane(tmp_path / "two", **same, **keys)
    try:
        two.start()
        yield one, two
    finally:
        codes = [host.stop() for host in (one, two)]
    assert codes[0] == 0


def lose(host):
    """As when its machine goes: nobody is asked, and nobody says good-bye."""
    groups = [*host.pids().values(), host.process.pid]
    for group in groups:
        os.killpg(group, signal.SIGSTOP)  # so that no supervisor starts another meanwhile
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    host.process.wait(30)


@contextmanager
def asking(port, token):
    """Somebody's application, which asks for access without a pause; the answers."""
    answers, over = [], threading.Event()

    def ask():
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/access/{PERSON}", headers={"Authorization": f"Bearer {token}"}
        )
        while not over.is_set():
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    answers.append(answer.status)
            except OSError as error:
                answers.append(repr(error))
            over.wait(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        over.set()
        thread.join(30)


@pytest.mark.case(
    "two hosts",
    injected="one of two hosts lost with all its processes, at 40 events a second",
    expected="no answer but 200 at both doors; all settled",
)
def test_a_host_that_is_lost_is_missed_by_nobody(hosts, servers, tmp_path, seen):
    one, two = hosts
    scene = Scene(one, servers, tell=seen)
    token = one.run("token", "create", "--name", "backend", "--scope", "access").stdout.strip()
    with balanced(tmp_path / "nginx", one, two) as (webhook, app, _stream), asking(app, token) as answers:
        scene.client = Client(f"http://127.0.0.1:{webhook}/api/webhooks/stripe")
        sender = threading.Thread(
            target=scene.client.send, args=(mixed(EVENTS),), kwargs={"threads": 8, "per_second": PER_SECOND}
        )
        sender.start()
        claimed = "SELECT count(DISTINCT worker) AS n FROM attempts"
        until(lambda: len(scene.client.acked) > EVENTS // 3 and scene.query(claimed)[0]["n"] > len(SHARED))
        before = len(answers)
        lose(two)
        sender.join(300)
        until(lambda: len(answers) > 2 * before)
        served = list(answers)
    assert set(scene.client.answers) == {200}
    assert set(served) == {200}
    scene.tell(f"{len(served)} answers about access, all 200")
    scene.all_is_well(drain_seconds=300)
