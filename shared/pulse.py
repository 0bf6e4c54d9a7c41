"""Signs of life between processes of one home: a file under run/pulse that a process touches while it gets on.

Its name is `<process>.<pid>`; one that was not touched for a while belongs to a process that died, froze or hangs.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

EVERY_SECONDS = 1.0


def folder(home: Path) -> Path:
    return home / "run" / "pulse"


def beat(home: Path, process: str) -> None:
    """Show that this process gets on; a full disk is no reason to stop."""
    with contextlib.suppress(OSError):
        path = folder(home) / f"{process}.{os.getpid()}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def pulses(home: Path, process: str) -> Iterator[tuple[int, float]]:
    """The number of each process of this name that ever beat, and when it last did, in Unix seconds."""
    for path in folder(home).glob(f"{process}.*"):
        name, _, pid = path.name.rpartition(".")
        if name == process and pid.isdigit():
            with contextlib.suppress(FileNotFoundError):
                yield int(pid), path.stat().st_mtime


def is_fresh(home: Path, process: str, *, within_seconds: float) -> bool:
    """Whether any process of this name beat within that time."""
    return any(time.time() - beaten <= within_seconds for _, beaten in pulses(home, process))


def forget(home: Path, process: str, pid: int) -> None:
    (folder(home) / f"{process}.{pid}").unlink(missing_ok=True)
