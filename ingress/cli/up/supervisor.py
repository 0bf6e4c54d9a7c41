"""Starts programs, waits until they are ready, brings back what dies, and stops them in reverse order.

All of it in one thread, in small steps that never wait for one child alone.
"""

import contextlib
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ingress.cli.up.child import Child
from ingress.cli.up.failure import StartFailed
from ingress.cli.up.home import write_private
from ingress.cli.up.log_files import Rotation
from ingress.cli.up.program import Program
from ingress.cli.up.pulses import Vigil
from ingress.cli.up.rolling import Rolling, request_file, take_request
from ingress.cli.up.stopping import StopWish
from ingress.cli.up.watch import Guard
from shared.processes import identity

_STEP_SECONDS = 0.1
_LOOK_SECONDS = 0.25
_PAUSE_SECONDS = 0.02


class Supervisor:
    """`tell` gets one line for a person whenever something happens that nobody asked for."""

    def __init__(self, *, home: Path, wish: StopWish, tell: Callable[[str], None]) -> None:
        self._home = home
        self._state_file = home / "run" / "processes.json"
        self._wish = wish
        self._tell = tell
        self._children: list[Child] = []
        self._guard = Guard(log=home / "logs" / "guard.log")
        self._vigil = Vigil(home)
        self._logs = Rotation(home / "logs")
        self._rolling: Rolling | None = None
        request_file(home).unlink(missing_ok=True)  # it was asked of an earlier run
        self._identity = identity(os.getpid())
        self._written = ""

    def start(self, programs: Sequence[Program]) -> None:
        """Start them in this order and return when all are ready. Raises StartFailed, or Stopped when asked to stop."""
        children = [Child(program) for program in programs]
        began = time.monotonic()
        for child in children:
            self._wish.check()
            self._children.append(child)
            self._spawn(child)
        while not all(child.ready for child in children):
            self._wish.check()
            self.step()
            for child in children:
                self._fail_if_hopeless(child, tried_seconds=time.monotonic() - began)

    def supervise(self) -> None:
        """Run until somebody asks to stop; restart one after the other whenever somebody asks for that."""
        while not self._wish.is_made:
            if (self._rolling is None or self._rolling.is_over) and (request := take_request(self._home)):
                self._rolling = Rolling(request, self._children, home=self._home)
            self.step()

    def step(self) -> None:
        """One look at everything, and a short rest."""
        now = time.monotonic()
        self._guard.renew()
        for child in self._children:
            self._tend(child, now)
        self._look_for_life(now)
        self._logs.look(now)
        if self._rolling and (heard := self._rolling.step(now)):
            self._tell(heard)
        self._write_state()
        time.sleep(_STEP_SECONDS)

    def stop(self) -> None:
        """Ask all to stop, the last started first; those on which others stand when the others are gone."""
        for is_service in (False, True):
            stage = [child for child in reversed(self._children) if child.program.is_service is is_service]
            # What holds a service's data stops one after the other; the rest need not wait for each other.
            for group in [[child] for child in stage] if is_service else [stage]:
                self._end(group)
        self._write_state()
        self._guard.close()

    def _tend(self, child: Child, now: float) -> None:
        code = child.popen.poll() if child.popen else None
        if child.popen and code is not None:
            self._note_exit(child, now, code)
        elif child.popen:
            child.look(now, pause_seconds=_LOOK_SECONDS)
            if child.is_overdue(now):
                self._tell(f"{child.name} did not become ready in {child.program.ready_seconds:.0f} s and is killed")
                child.kill_group()
        elif now >= child.due:
            self._restart(child, now)

    def _look_for_life(self, now: float) -> None:
        if self._vigil.is_due(now):
            for child in self._children:
                for told in self._vigil.end_stale(child):
                    self._tell(told)

    def _restart(self, child: Child, now: float) -> None:
        child.restarts += 0 if child.renewing else 1
        try:
            self._spawn(child)
        except StartFailed as error:
            child.note_no_start(now)
            self._tell(str(error))

    def _note_exit(self, child: Child, now: float, code: int) -> None:
        leader = child.popen.pid if child.popen else 0
        was_ready = child.ready
        child.note_exit(now, code)
        self._guard.forget(leader)
        if was_ready and not child.renewing:
            self._tell(f"{child.name} {ending(code)}; it starts again in {child.delay:g} s")

    def _spawn(self, child: Child) -> None:
        self._vigil.begins(child)
        try:
            pid = child.start(time.monotonic())
        except OSError as error:
            raise StartFailed(f"{child.name} cannot be started: {error.strerror}: {error.filename}") from error
        self._guard.watch(pid, child.program.stop_steps[0][0])
        self._write_state()

    def _fail_if_hopeless(self, child: Child, *, tried_seconds: float) -> None:
        program = child.program
        if child.last_exit is not None and tried_seconds >= program.retry_seconds and not child.ready:
            why = ending(child.last_exit)
        elif tried_seconds >= program.ready_seconds and not child.ready:
            why = f"did not become ready in {program.ready_seconds:.0f} s"
        else:
            return
        raise StartFailed(f"{child.name} {why}. The end of {program.log}:\n{program.last_lines()}")

    def _end(self, children: Sequence[Child]) -> None:
        left = list(children)
        while left:
            for child in left:
                hurried = self._wish.count > 1 and not child.program.is_service
                if child.press(time.monotonic(), hurried=hurried):
                    self._tell(f"{child.name} does not stop and is killed")
            left = [child for child in left if not child.has_gone()]
            time.sleep(_PAUSE_SECONDS)
        for child in children:
            if child.popen:
                self._guard.forget(child.popen.pid)
                child.popen, child.ready = None, False

    def _write_state(self) -> None:
        """For `status` and for the next start; only when something changed."""
        state = {
            "supervisor": os.getpid(),
            "identity": self._identity,
            "guard": self._guard.pid,
            "processes": [child.describe() for child in self._children],
            "restart": self._rolling.describe() if self._rolling else None,
        }
        text = json.dumps(state, indent=1)
        if text != self._written:
            with contextlib.suppress(OSError):  # a full disk must not end the supervision
                write_private(self._state_file, text + "\n")
                self._written = text


def ending(code: int) -> str:
    """How a process ended, in words."""
    return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
