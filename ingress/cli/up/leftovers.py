"""What an earlier run left behind when it and its guard were killed: found and ended before a new start."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

from ingress.cli.up import guard
from ingress.cli.up.failure import StartFailed
from shared.processes import identity, works_in

_PATIENCE_SECONDS = 10.0
_NO_SUCH_PID = "99999999"


def end_leftovers(state_file: Path) -> list[str]:
    """End the processes that the state file tells of and that are still the same ones; their names."""
    try:
        told = json.loads(state_file.read_text(encoding="utf-8"))["processes"]
        known = [(str(p["name"]), int(p["pid"]), str(p["identity"]), int(p["stopSignal"])) for p in told if p["pid"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    alive = [(name, pid, number) for name, pid, who, number in known if identity(pid) == who]
    guard.end({pid: number for _, pid, number in alive}, patience_seconds=_PATIENCE_SECONDS)
    return [name for name, _, _ in alive]


def end_postmaster(data: Path) -> bool:
    """Stop a PostgreSQL that still runs on our data; whether there was one. For the holder of the home's lock only."""
    lock = data / "postmaster.pid"
    try:
        pid = int(lock.read_text(encoding="utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return False
    if identity(pid) is None:
        return False
    if not works_in(pid, data):
        _disown(lock)
        return False
    for number, seconds in ((signal.SIGINT, 15.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if _gone(pid, within_seconds=seconds):
            return True
    raise StartFailed(f"PostgreSQL of an earlier run (process {pid}) does not end")


def _gone(pid: int, *, within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    while identity(pid) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _disown(lock: Path) -> None:
    """Take a stranger's number out: for its sake PostgreSQL would not start.

    The rest of the file stays: by it PostgreSQL sees whether backends of a killed server still use the data.
    """
    _, _, rest = lock.read_text(encoding="utf-8").partition("\n")
    with lock.open("r+", encoding="utf-8") as file:  # in place, so that its owner stays
        file.write(f"{_NO_SUCH_PID}\n{rest}")
        file.truncate()
