"""One program the supervisor runs: its command, its surroundings, how it shows readiness and how it is stopped."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingress.cli.up.account import MYSELF, Account


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`is_service`: others stand on it, so it stops after them, and is never killed for being slow to get ready.

    `stop_steps` are signals with the seconds each is given; SIGKILL follows. `retry_seconds` is how long it may go on
    ending before it was ever ready: not at all, unless said otherwise. `stale_seconds` is how long it may go without
    showing that it gets on (shared/pulse.py), None when it never shows it. `replaces_itself`: at SIGHUP it puts new
    processes in the place of those that do its work, and stays. `turn`: those of one turn
    are started together, when those of the turn before are ready.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = field(repr=False)
    directory: Path
    log: Path
    is_ready: Callable[[], bool]
    ready_seconds: float = 60.0
    stop_steps: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 20.0),)
    is_service: bool = False
    retry_seconds: float = 0.0
    longest_delay_seconds: float = 10.0
    stale_seconds: float | None = None
    replaces_itself: bool = False
    turn: int = 0
    account: Account = MYSELF
    before_start: Callable[[], None] = _nothing

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it in a session of its own: a Ctrl-C at the terminal is for the supervisor alone."""
        self.before_start()
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return subprocess.Popen(
                [*self.account.prefix, *self.command],
                env=dict(self.environ),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                umask=0o077,
                **self.account.popen_arguments(),
            )
        finally:
            os.close(descriptor)

    def last_lines(self, count: int = 12) -> str:
        """The end of its log, for a person who asks why."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - 8192))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
        except OSError:
            return ""
