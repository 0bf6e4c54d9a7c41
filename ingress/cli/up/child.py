"""One program as it runs: its process, how often it came back, when it may come back next."""

import contextlib
import os
import signal
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingress.cli.up.program import Program
from shared.processes import identity

FIRST_DELAY_SECONDS = 0.5
HEALTHY_AFTER_SECONDS = 30.0


def next_delay_seconds(last_delay: float, lived_seconds: float, longest: float) -> float:
    """How long to wait before a restart: doubling while it keeps dying young."""
    if last_delay == 0 or lived_seconds >= HEALTHY_AFTER_SECONDS:
        return FIRST_DELAY_SECONDS
    return min(last_delay * 2, longest)


@dataclass(slots=True)
class Child:
    """Times are of the monotonic clock, in seconds; `due` is when it may start again.

    `renewing`: it is being stopped in order to start again, which is no failure.
    """

    program: Program
    popen: "subprocess.Popen[bytes] | None" = None
    identity: str | None = None
    started: float = 0.0
    started_at: datetime | None = None
    ready: bool = False
    next_look: float = 0.0
    restarts: int = 0
    delay: float = 0.0
    due: float = 0.0
    last_exit: int | None = None
    asked: int = 0
    ask_due: float = 0.0
    renewing: bool = False

    @property
    def name(self) -> str:
        return self.program.name

    def start(self, now: float) -> int:
        """Start the process and return its number."""
        self.popen = self.program.spawn()
        self.identity = identity(self.popen.pid)
        self.started, self.started_at, self.ready, self.next_look = now, datetime.now(UTC), False, now
        self.asked, self.ask_due, self.renewing = 0, 0.0, False
        return self.popen.pid

    def note_exit(self, now: float, code: int) -> None:
        """Its leader has ended: end what that left of its group, and set the time of the return."""
        self.kill_group()
        longest = self.program.longest_delay_seconds
        self.delay = 0.0 if self.renewing else next_delay_seconds(self.delay, now - self.started, longest)
        self.due = now + self.delay
        self.popen, self.ready, self.last_exit = None, False, code

    def note_no_start(self, now: float) -> None:
        """It could not even be started again: the machine is short of something, or the program is gone."""
        self.delay = self.due = self.program.longest_delay_seconds
        self.due += now

    def look(self, now: float, *, pause_seconds: float) -> None:
        """Ask once whether it is ready, not too often: each question costs the child an answer."""
        if not self.ready and now >= self.next_look:
            self.ready = self.program.is_ready()
            self.next_look = now + pause_seconds

    def is_overdue(self, now: float) -> bool:
        late = now - self.started > self.program.ready_seconds
        return self.popen is not None and not self.ready and late and not self.program.is_service

    def press(self, now: float, *, hurried: bool) -> bool:
        """Ask it to stop, more firmly each time its patience is used up; whether it had to be killed just now."""
        steps = self.program.stop_steps
        if self.popen is None or (now < self.ask_due and not hurried) or self.asked > len(steps):
            return False
        if self.asked == len(steps) or hurried:
            self.asked = len(steps) + 1
            self.kill_group()
            return True
        number, seconds = steps[self.asked]
        self.popen.send_signal(number)
        self.asked, self.ask_due = self.asked + 1, now + seconds
        return False

    def has_gone(self) -> bool:
        """Whether its process has ended; what that left of its group ends too."""
        if self.popen is not None and self.popen.poll() is None:
            return False
        self.kill_group()
        return True

    def kill_group(self) -> None:
        if self.popen is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.popen.pid, signal.SIGKILL)

    def describe(self) -> dict[str, Any]:
        """Its entry in the state file."""
        return {
            "name": self.name,
            "pid": self.popen.pid if self.popen else None,
            "identity": self.identity if self.popen else None,
            "ready": self.ready,
            "restarts": self.restarts,
            "started": self.started_at.isoformat(timespec="milliseconds") if self.started_at else None,
            "stopSignal": int(self.program.stop_steps[0][0]),
            "service": self.program.is_service,
        }
