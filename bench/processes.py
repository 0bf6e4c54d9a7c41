"""A process that is measured: started in a session of its own, watched until ready, its processor time told, ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0


class DidNotStart(RuntimeError):
    """A process ended or stayed silent before it was ready; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Running:
    """A process and its descendants."""

    name: str
    pid: int
    log: Path

    def cpu_seconds(self) -> float:
        """User and system time so far, of all that live; of a child that ended, what its parent inherited."""
        return sum(_cpu_seconds(process) for process in self._tree())

    def memory_bytes(self) -> int:
        """Memory of its own (unique set size) of the whole tree: shared pages are not counted twice."""
        return sum(_memory_bytes(process) for process in self._tree())

    def _tree(self) -> list[psutil.Process]:
        try:
            first = psutil.Process(self.pid)
            return [first, *first.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def _cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def _memory_bytes(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return int(process.memory_full_info().uss)
    return 0


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    log: Path,
    ready: Callable[[], bool],
) -> Iterator[Running]:
    """Start it and wait until `ready`; raises DidNotStart. At the end it and its group are ended."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            command,
            env=dict(environ),
            cwd=ROOT,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        _wait_until_ready(name, process, ready, log)
        yield Running(name, process.pid, log)
    finally:
        end(process)


def _wait_until_ready(name: str, process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(f"{name} was not ready:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.05)


def end(
    process: "subprocess.Popen[bytes]",
    steps: Sequence[tuple[signal.Signals, float]] = ((signal.SIGTERM, _STOP_SECONDS),),
) -> None:
    """Ask it to stop, more firmly each time, and end its group."""
    for number, seconds in steps:
        if process.poll() is None:
            process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    # A server's workers must not outlive it, or they would take processor time from the next target.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(_STOP_SECONDS)


def inherited() -> dict[str, str]:
    """What any process needs of this one's environment; no setting of Carelane's or of Stripe's leaks in."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "PG_BIN", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONPATH": str(ROOT)}
