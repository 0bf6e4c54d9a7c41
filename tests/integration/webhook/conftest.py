"""A door served by granian as a process of its own, and a client that can send what no library would."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.factories.deliveries import header

ROOT = Path(__file__).resolve().parents[3]
PATH = "/api/webhooks/stripe"
DEADLINE_SECONDS = 30


class Served:
    """A running door: `exchange` sends raw bytes and gives all that came back until the server closed."""

    def __init__(self, port, process, log):
        self.port, self.process, self.log = port, process, log

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_SECONDS)

    def exchange(self, *parts, ends=False):
        with self.connect() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for part in parts:
                    connection.sendall(part)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
            return read_answer(connection)

    def post(self, body, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request("POST", PATH, body, {"Stripe-Signature": header(body, int(time.time()))} | named)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_SECONDS)


def read_answer(connection):
    """Status, headers in lower case, and the parsed body of the one answer on this connection, which then closes."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    content = answer.read()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def request(*headers, method="POST", path=PATH):
    lines = [f"{method} {path} HTTP/1.1", "Host: door", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


@contextmanager
def serving(module, log_path, *options, **environ):
    """Start a door on a free port; end its process and all its children at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ingress.serve", module, "--port", str(port), *options]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CARELANE_", "PROMETHEUS_"))}
    inherited["CARELANE_APP_PORT"] = str(port)  # where forms of the console may come from
    inherited["CARELANE_HOME"] = str(log_path.parent / "home")  # not the one that `carelane up` would use here
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=inherited | environ, stdout=log, stderr=log, start_new_session=True
        )
    served = Served(port, process, log_path)
    try:
        until_alive(served)
        yield served
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(DEADLINE_SECONDS)
        with suppress(ProcessLookupError, PermissionError):  # macOS answers so for a group that is gone
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_SECONDS)


def until_alive(served):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        assert served.process.poll() is None, served.log.read_text()
        with suppress(OSError):
            if served.get("/healthz")[0] == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the door did not open: " + served.log.read_text())


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    log = tmp_path_factory.mktemp("door") / "log"
    with serving("tests.integration.webhook.stub_door", log) as served:
        yield served
    assert "Traceback" not in log.read_text()
    assert "panicked" not in log.read_text()


@pytest.fixture
def own_door(tmp_path):
    """A starter of doors that a test may stop: `own_door(factory, **environ)`."""
    with ExitStack() as stack:
        yield lambda module, **environ: stack.enter_context(serving(module, tmp_path / "log", **environ))
