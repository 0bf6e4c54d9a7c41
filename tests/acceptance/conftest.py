"""The whole of Carelane as a user starts it: `carelane up` in a home of its own, over servers the test may stop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg.rows import dict_row

from ingress.cli.up import postgres, valkey
from tests.servers import PASSWORDS, Server, admin, free_port, url

ROOT = Path(__file__).parents[2]
SECRET = "whsec_acceptance0123456789abcdef"


def until(condition, *, seconds=60.0):
    """Wait for something to come true and return it; the deadline is generous, and no figure is asserted."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return found


class Carelane:
    """One `carelane up`; `said` is what it printed."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "PG_BIN") if name in os.environ}
        self.environ = inherited | {"CARELANE_HOME": str(home), "STRIPE_WEBHOOK_SECRETS": SECRET} | settings
        for door in ("WEBHOOK", "APP", "FLOWER"):
            self.environ.setdefault(f"CARELANE_{door}_PORT", str(free_port()))
        self.process = None

    @property
    def webhook_url(self) -> str:
        return f"http://127.0.0.1:{self.environ['CARELANE_WEBHOOK_PORT']}/api/webhooks/stripe"

    def start(self, *, demo: bool = False) -> None:
        output = self.home.with_suffix(".out")
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingress.cli.main", "up", *([] if demo else ["--no-demo"])],
                cwd=ROOT,
                env=self.environ,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until(lambda: "Ctrl-C stops it." in output.read_text() or self.process.poll() is not None, seconds=90)
        assert self.process.poll() is None, output.read_text()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def said(self) -> str:
        return self.home.with_suffix(".out").read_text()

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """A command in a second terminal: it knows the home and nothing else."""
        environ = {name: self.environ[name] for name in ("PATH", "CARELANE_HOME")}
        return subprocess.run(
            [sys.executable, "-m", "ingress.cli.main", *arguments],
            cwd=ROOT,
            env=environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def json(self, *arguments: str):
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def pids(self) -> dict[str, int]:
        document = json.loads((self.home / "run" / "processes.json").read_text())
        return {process["name"]: process["pid"] for process in document["processes"]}

    def settings(self) -> dict[str, str]:
        """What the home tells commands in a second terminal."""
        return dict(line.split("=", 1) for line in (self.home / "env").read_text().splitlines())

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in (self.home / "logs").glob("*.log"))


class Servers:
    """PostgreSQL and Valkey that belong to the test, so that it may stop and start them."""

    def __init__(self, home: Path) -> None:
        (home / "logs").mkdir(parents=True)
        self.postgres_port, self.valkey_port = free_port(), free_port()
        self.postgres = Server(postgres.program(home, port=self.postgres_port, passwords=PASSWORDS))
        self.valkey = Server(valkey.program(home, port=self.valkey_port, password="test"))
        self.postgres.start()
        self.valkey.start()
        with admin(self.postgres_port) as conn:
            conn.execute("CREATE DATABASE carelane")

    @property
    def database_url(self) -> str:
        return url(self.postgres_port, "carelane")

    @property
    def redis_url(self) -> str:
        return f"redis://:test@127.0.0.1:{self.valkey_port}/0"

    def stop(self) -> None:
        for server in (self.valkey, self.postgres):
            if server.process.poll() is None:
                server.stop()


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("servers"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def carelane(servers, tmp_path_factory):
    """Time limits are short, so that a lost worker's lease ends while the test still looks."""
    carelane = Carelane(
        tmp_path_factory.mktemp("running") / "home",
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        CARELANE_TASK_SOFT_LIMIT_SECONDS="4",
        CARELANE_TASK_HARD_LIMIT_SECONDS="6",
        CARELANE_LEASE_SECONDS="8",
    )
    carelane.start()
    yield carelane
    assert carelane.stop() == 0


@pytest.fixture
def conn(servers, carelane):
    with psycopg.connect(servers.database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def broker_client(servers):
    client = redis.Redis.from_url(servers.redis_url, socket_timeout=5)
    yield client
    client.close()
