"""Which of a program's processes no longer get on: by the files they touch, and a clock that counts only while we look.

A laptop that slept, or a supervisor that was itself frozen, must not take everybody for dead.
"""

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingress.cli.up.child import Child
from shared import pulse

_LOOK_SECONDS = 0.5
# More than this between two steps is time in which nobody looked.
_LONGEST_STEP_SECONDS = 1.0


@dataclass(slots=True)
class Pulses:
    """The pulses of one program. `attended` is seconds of the clock above; a process counts from its first pulse on."""

    home: Path
    name: str
    stale_seconds: float
    _seen: dict[int, tuple[float, float]] = field(default_factory=dict)
    _last_touch: float | None = None

    def stale(self, attended: float) -> list[int]:
        """Processes whose file was not touched for longer than that."""
        before = self._seen
        self._seen = {
            pid: before[pid] if pid in before and before[pid][0] == touched else (touched, attended)
            for pid, touched in pulse.pulses(self.home, self.name)
        }
        if self._last_touch is None:
            self._last_touch = attended
        self._last_touch = max([self._last_touch, *(since for _, since in self._seen.values())])
        return [pid for pid, (_, since) in self._seen.items() if attended - since > self.stale_seconds]

    def is_silent(self, attended: float) -> bool:
        """Whether none of its processes shows any life: the one that should bring them back is at fault."""
        return self._last_touch is not None and attended - self._last_touch > 2 * self.stale_seconds

    def forget(self, pid: int) -> None:
        self._seen.pop(pid, None)
        pulse.forget(self.home, self.name, pid)

    def clear(self) -> None:
        for pid, _ in list(pulse.pulses(self.home, self.name)):
            self.forget(pid)


class Vigil:
    """Looks after the pulses of all programs that have some."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._pulses: dict[str, Pulses] = {}
        self._attended = self._last_step = self._next_look = 0.0

    def begins(self, child: Child) -> None:
        """A new process is about to start: what an earlier one left tells nothing of it."""
        if child.program.stale_seconds is not None:
            self._pulses[child.name] = Pulses(self._home, child.name, child.program.stale_seconds)
            self._pulses[child.name].clear()

    def is_due(self, now: float) -> bool:
        """Count the time since the last step; whether to look again."""
        self._attended += min(max(0.0, now - self._last_step), _LONGEST_STEP_SECONDS)
        self._last_step = now
        if self._attended < self._next_look:
            return False
        self._next_look = self._attended + _LOOK_SECONDS
        return True

    def end_stale(self, child: Child) -> Iterator[str]:
        """Kill what was ready and does not get on, and say so; it is then started again as whatever dies is."""
        pulses = self._pulses.get(child.name)
        if pulses is None or child.popen is None or not child.ready:
            return
        for pid in pulses.stale(self._attended):
            pulses.forget(pid)
            if pid == child.popen.pid:
                child.kill_group()
                yield f"{child.name} no longer gets on and is killed"
            elif group_of(pid) == child.popen.pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                yield f"process {pid} of {child.name} no longer gets on and is killed"
        if pulses.is_silent(self._attended):
            child.kill_group()
            yield f"{child.name} no longer gets on and is killed"


def group_of(pid: int) -> int | None:
    """The process group of a process, None when nobody has that number or it is not ours."""
    try:
        return os.getpgid(pid)
    except (ProcessLookupError, PermissionError):
        return None
