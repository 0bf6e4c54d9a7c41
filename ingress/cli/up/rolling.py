"""A rolling restart: one process after the other is replaced, each only when the one before is ready again.

It is asked for by a file in the home and moved on by the supervisor's steps. The first one that does not come back
ends it: the others go on with what they run.
"""

import json
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingress.cli.up.child import Child
from shared import pulse
from shared.processes import identity

_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Request:
    """`names` are names of processes as the state file has them; `id` tells this request from another."""

    id: str
    names: tuple[str, ...]


def request_file(home: Path) -> Path:
    return home / "run" / "restart.json"


def take_request(home: Path) -> Request | None:
    """What was asked for since the last look; it is asked once."""
    path = request_file(home)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        return Request(str(document["id"]), tuple(map(str, document["names"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        path.unlink(missing_ok=True)
        return None


class Rolling:
    """The restart in hand, or the last one: `now` is the name of what is being replaced."""

    def __init__(self, request: Request, children: Sequence[Child], *, home: Path) -> None:
        wanted = [child for child in children if child.name in request.names and not child.program.is_service]
        self._id = request.id
        self._home = home
        self._left = wanted
        self._done: list[str] = []
        self._failed: str | None = None
        self._turn: _Turn | None = None

    @property
    def is_over(self) -> bool:
        return self._turn is None and (self._failed is not None or not self._left)

    def step(self, now: float) -> str | None:
        """Move on without waiting; what a person should hear, if anything."""
        if self.is_over:
            return None
        if self._turn is None:
            self._turn = _Turn(self._left.pop(0), now, home=self._home)
        child = self._turn.child
        if self._turn.has_failed(now):
            self._failed, self._turn = f"{child.name} did not come back", None
            return f"{self._failed}: the rolling restart ends here"
        if self._turn.is_through(now):
            self._done.append(child.name)
            self._turn = None
        return None

    def describe(self) -> dict[str, Any]:
        """For the state file, where the command that asked for it reads on."""
        return {
            "id": self._id,
            "done": self._done,
            "now": self._turn.child.name if self._turn else None,
            "left": [child.name for child in self._left],
            "failed": self._failed,
            "over": self.is_over,
        }


class _Turn:
    """One process being replaced."""

    def __init__(self, child: Child, now: float, *, home: Path) -> None:
        self.child = child
        self._home = home
        self._leader = child.popen.pid if child.popen else None
        self._restarts = child.restarts
        self._next_look = now
        patience = sum(seconds for _, seconds in child.program.stop_steps)
        self._deadline = now + patience + child.program.ready_seconds
        # Its processes replace each other under one listening socket; without a sign of them nobody could see when.
        self._members = self._alive() if child.program.replaces_itself and child.ready else set()
        if self._members and child.popen:
            child.popen.send_signal(signal.SIGHUP)
        else:
            child.renewing = True

    def has_failed(self, now: float) -> bool:
        return now > self._deadline or self.child.restarts > self._restarts

    def is_through(self, now: float) -> bool:
        if not self._members:
            return self._is_another(now)
        if now < self._next_look:
            return False
        self._next_look = now + _LOOK_SECONDS
        alive = self._alive()
        return not alive & self._members and len(alive) >= len(self._members) and self.child.program.is_ready()

    def _is_another(self, now: float) -> bool:
        child = self.child
        if child.renewing and child.popen is not None:
            child.press(now, hurried=False)
        return child.popen is not None and child.popen.pid != self._leader and child.ready

    def _alive(self) -> set[int]:
        return {pid for pid, _ in pulse.pulses(self._home, self.child.name) if identity(pid) is not None}
