"""The supervisor's end of the guard: started first, told of every process, closed last."""

import os
import subprocess
import sys
from pathlib import Path

_GUARD = Path(__file__).with_name("guard.py")


class Guard:
    """Tells the guard process what is running; a guard that was killed is replaced and told everything again."""

    def __init__(self, *, log: Path) -> None:
        self._log = log
        self._running: dict[int, int] = {}
        self._writer, self._process = self._start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def watch(self, leader: int, stop_signal: int) -> None:
        self._running[leader] = stop_signal
        self._tell(f"+{leader} {stop_signal}\n")

    def forget(self, leader: int) -> None:
        if self._running.pop(leader, None) is not None:
            self._tell(f"-{leader}\n")

    def renew(self) -> None:
        """Replace the guard if it has died."""
        if self._process.poll() is not None:
            os.close(self._writer)
            self._writer, self._process = self._start()
            for leader, stop_signal in self._running.items():
                self._write(f"+{leader} {stop_signal}\n")

    def close(self) -> None:
        """Let it go: it ends what it still watches, which after an orderly stop is nothing."""
        os.close(self._writer)
        try:
            self._process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, line: str) -> None:
        if not self._write(line):
            self.renew()

    def _write(self, line: str) -> bool:
        try:
            os.write(self._writer, line.encode())
        except BrokenPipeError:
            self._process.wait()
            return False
        return True

    def _start(self) -> "tuple[int, subprocess.Popen[bytes]]":
        # Neither end is inherited by the programs started later: Python closes them at exec, so that the pipe ends
        # with the supervisor.
        reader, writer = os.pipe()
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD)],
                stdin=reader,
                stdout=descriptor,
                stderr=descriptor,
                cwd="/",
                start_new_session=True,
            )
        finally:
            os.close(reader)
            os.close(descriptor)
        return writer, process
