"""Traps at a point of the code: a file that a test lays, and that the first process to pass takes with it.

Only the doctored processes of these tests look for them: no such point is in Carelane's own code.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path


def folder(home):
    return Path(home) / "run" / "traps"


def lay(home, point):
    folder(home).mkdir(parents=True, exist_ok=True)
    (folder(home) / point).touch()


def is_laid(home, point):
    return (folder(home) / point).exists()


def pass_by(point):
    """Die as by kill -9 if a trap lies here; taking it away first lets the next one pass."""
    with suppress(FileNotFoundError):
        (folder(os.environ["CARELANE_HOME"]) / point).unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def count(event_id):
    """How often this event came by, over all processes: one byte in its file for each."""
    path = folder(os.environ["CARELANE_HOME"]) / f"passed-{event_id}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b".")
        file.flush()
        return file.tell()


def passed(home, event_id):
    path = folder(home) / f"passed-{event_id}"
    return path.stat().st_size if path.exists() else 0
