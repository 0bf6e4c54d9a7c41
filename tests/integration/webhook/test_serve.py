"""The door's server: its workers come and go, its listening socket stays."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from tests.factories.deliveries import SECRET
from tests.factories.events import event, raw
from tests.integration.webhook.conftest import DEADLINE_SECONDS, ROOT, Served, until_alive
from tests.running import until

BODY = raw(event("basil/customer.subscription.updated", id="evt_1"))
pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="workers are found by /proc")


def start(port, log_path, *, workers=1):
    command = [sys.executable, "-m", "ingress.serve", "tests.integration.webhook.stub_door"]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CARELANE_", "PROMETHEUS_"))}
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", str(workers)],
            cwd=ROOT,
            env=inherited,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return Served(port, process, log_path)


@pytest.fixture
def door(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    served = start(port, tmp_path / "log")
    try:
        until_alive(served)
        yield served
        assert served.stop() == 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait(DEADLINE_SECONDS)


def worker(door):
    """The one worker, once there is no other."""
    children = Path(f"/proc/{door.process.pid}/task/{door.process.pid}/children")
    return until(lambda: len(pids := children.read_text().split()) == 1 and int(pids[0]))


def test_what_no_worker_has_accepted_yet_outlives_the_worker(door):
    frozen, answers = worker(door), []
    os.kill(frozen, signal.SIGSTOP)
    until(lambda: Path(f"/proc/{frozen}/stat").read_text().rpartition(")")[2].split()[0] == "T")
    callers = [threading.Thread(target=lambda: answers.append(door.post(BODY)[0])) for _ in range(20)]
    for caller in callers:
        caller.start()
    until(lambda: _waiting(door.port) == len(callers))
    os.kill(frozen, signal.SIGKILL)
    for caller in callers:
        caller.join(DEADLINE_SECONDS)
    assert answers == [200] * len(callers)
    assert worker(door) != frozen


def _waiting(port):
    """Connections that the kernel has made and nobody has accepted: the receive queue of the listening socket."""
    wanted = f"0100007F:{port:04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return next(int(words[4].partition(":")[2], 16) for words in lines if words[1] == wanted and words[3] == "0A")


def test_asked_to_renew_its_workers_it_answers_all_the_while(door):
    old, answers, closed, over = worker(door), [], [], threading.Event()

    def call():
        while not over.is_set():
            try:
                answers.append(door.post(BODY)[0])
            except (BrokenPipeError, ConnectionResetError) as error:
                closed.append(error)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    door.process.send_signal(signal.SIGHUP)
    until(lambda: not Path(f"/proc/{old}").exists())
    before = len(answers)
    until(lambda: len(answers) > before + 20)
    over.set()
    for caller in callers:
        caller.join(DEADLINE_SECONDS)
    assert set(answers) == {200}
    # What the old worker had accepted, and not yet read from, when it was told to end: one to a caller at most.
    assert len(closed) <= len(callers)
    assert worker(door) != old


def test_a_taken_port_is_told_and_ends_it(door, tmp_path):
    second = start(door.port, tmp_path / "second")
    assert second.process.wait(DEADLINE_SECONDS) == 1
    assert f"the door cannot listen on 127.0.0.1, port {door.port}" in second.log.read_text()
    assert SECRET.value not in second.log.read_text()
    assert door.post(BODY)[0] == 200
