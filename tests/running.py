"""The whole of Carelane as a user starts it: `carelane up` in a home of its own, over servers that a test may stop."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from psycopg import sql

from ingress.cli.up import postgres, valkey
from tests.servers import PASSWORDS, Server, admin, free_port, url

ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_acceptance0123456789abcdef"


def until(condition, *, seconds=60.0):
    """Wait for something to come true and return it; the deadline is generous, and no figure is asserted."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return found


class Carelane:
    """One `carelane up`; `said` is what it printed. Processes of a Procfile other than its own find these tests too."""

    def __init__(self, home: Path, *, procfile: Path | None = None, **settings: str) -> None:
        self.home = home
        self.procfile = procfile
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "PG_BIN", "PYTHONPATH") if name in os.environ}
        self.environ = inherited | {"CARELANE_HOME": str(home), "STRIPE_WEBHOOK_SECRETS": SECRET} | settings
        if procfile is not None:
            self.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), self.environ.get("PYTHONPATH", "")]).rstrip(
                os.pathsep
            )
        for door in ("WEBHOOK", "APP", "STREAM", "FLOWER"):
            self.environ.setdefault(f"CARELANE_{door}_PORT", str(free_port()))
        self.process = None

    @property
    def webhook_url(self) -> str:
        return f"http://127.0.0.1:{self.environ['CARELANE_WEBHOOK_PORT']}/api/webhooks/stripe"

    def start(self, *, demo: bool = False) -> None:
        output = self.home.with_suffix(".out")
        wishes = [] if demo else ["--no-demo"]
        if self.procfile is not None:
            wishes += ["--procfile", str(self.procfile)]
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ingress.cli.main", "up", *wishes],
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
        self.logs = home / "logs"
        self.logs.mkdir(parents=True)
        self.postgres_port, self.valkey_port = free_port(), free_port()
        self.postgres = Server(postgres.program(home, port=self.postgres_port, passwords=PASSWORDS))
        self.valkey = Server(valkey.program(home, port=self.valkey_port, password="test"))
        self.postgres.start()
        self.valkey.start()
        with admin(self.postgres_port) as conn:
            conn.execute("CREATE DATABASE carelane")

    @property
    def database_url(self) -> str:
        return self.url_of("carelane")

    def url_of(self, name: str) -> str:
        return url(self.postgres_port, name)

    def renew(self, name: str) -> None:
        """An empty database of this name."""
        with admin(self.postgres_port) as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    @property
    def redis_url(self) -> str:
        return f"redis://:test@127.0.0.1:{self.valkey_port}/0"

    def stop(self) -> None:
        for server in (self.valkey, self.postgres):
            if server.process.poll() is None:
                server.stop()
