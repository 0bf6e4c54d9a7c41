"""A real `carelane up` with stand-ins for the Procfile's processes, in a home of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingress.cli.up.home import format_pairs, read_pairs
from shared.processes import identity
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[3]
STAND_IN = Path(__file__).with_name("stand_in.py")
PROCFILE = """
webhook: python stand_in.py door $CARELANE_WEBHOOK_PORT
app: python stand_in.py door $CARELANE_APP_PORT
crisis: python stand_in.py worker
relay: python stand_in.py worker
flower: python stand_in.py door $CARELANE_FLOWER_PORT
"""
_ENTRY = "import sys; sys.argv[0] = 'carelane'; from ingress.cli.up.command import up; up()"


def until(condition, *, seconds=40.0):
    """Wait for something to come true and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
    return found


class Up:
    """One run of the command; `home` and the Procfile's directory live below `place`."""

    def __init__(self, place, *, procfile=PROCFILE, python=sys.executable, **settings):
        self.home = place / "home"
        _give_ports(self.home)
        self.python = python
        self.procfile = place / "Procfile"
        self.procfile.write_text(procfile)
        shutil.copy(STAND_IN, place)
        inherited = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH", "PG_BIN") if name in os.environ}
        self.environ = inherited | {"CARELANE_HOME": str(self.home)} | settings
        self.process = None
        self.output = place / "output.txt"

    def start(self, **arguments):
        """Begin, and return when every address has been printed."""
        self.begin(**arguments)
        until(lambda: "Ctrl-C stops it." in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said()
        return self

    def begin(self, **arguments):
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [self.python, "-W", "error", "-c", _ENTRY, "--no-demo", "--procfile", self.procfile],
                cwd=ROOT,
                env=self.environ,
                stderr=subprocess.STDOUT,
                **{"stdout": output, **arguments},
            )
        return self

    def refused(self):
        """Begin and return the exit code of a start that is expected to fail."""
        return self.begin().process.wait(timeout=60)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def said(self):
        return self.output.read_text()

    def settings(self):
        return read_pairs(self.home / "env")

    def state(self):
        return json.loads((self.home / "run" / "processes.json").read_text())

    def entry(self, name):
        return next(entry for entry in self.state()["processes"] if entry["name"] == name)

    def pids(self):
        if not (self.home / "run" / "processes.json").exists():
            return []
        state = self.state()
        return [entry["pid"] for entry in state["processes"] if entry["pid"]] + [state["guard"]]

    def left_running(self):
        """Processes that belong to this home, wherever they hang now."""
        return [pid for pid in _all_pids(self.pids()) if pid != os.getpid() and _belongs(pid, self.home)]


def _give_ports(home):
    """As if a run before had found these free: two first runs side by side could both choose the usual ones."""
    home.mkdir(mode=0o700, exist_ok=True)
    if not (home / "env").exists():
        listeners = ("CARELANE_WEBHOOK_PORT", "CARELANE_APP_PORT", "CARELANE_FLOWER_PORT")
        servers = {"DATABASE_URL": "postgresql", "REDIS_URL": "redis"}
        urls = {name: f"{scheme}://127.0.0.1:{free_port()}/0" for name, scheme in servers.items()}
        (home / "env").write_text(format_pairs({name: str(free_port()) for name in listeners} | urls))
        (home / "env").chmod(0o600)


def _all_pids(known):
    if Path("/proc/self").exists():
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return known


def _belongs(pid, home):
    if identity(pid) is None:
        return False
    if not Path("/proc/self").exists():
        return True
    try:
        place = str(Path(f"/proc/{pid}/cwd").readlink())
        environ = Path(f"/proc/{pid}/environ").read_bytes()
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return place.startswith(str(home)) or str(home).encode() in environ + command


@pytest.fixture
def make_up(tmp_path):
    made = []

    def make(name="one", **settings):
        place = tmp_path / name
        place.mkdir(exist_ok=True)
        made.append(Up(place, **settings))
        return made[-1]

    yield make
    for up in made:
        if up.process and up.process.poll() is None:
            up.stop()
        for pid in up.left_running():
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def running(make_up):
    return make_up().start()
