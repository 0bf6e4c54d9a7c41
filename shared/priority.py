"""How much of the processor a process may have while others want it too."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

# A tenth of the share of a process that gives way to nobody, that share, three times and ten times as much. A share is
# had soon and not at once: whoever is `_FIRST` takes the processor from others, where the system lets it.
_LAST, _USUAL, _SOON, _FIRST = 10, 0, -5, -10
_REAL_TIME_PRIORITY = 1  # the least there is
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session."""
    _take_place(_LAST)


def go_soon() -> None:
    """Go before most: somebody waits for an answer. Where the system lets us: root, CAP_SYS_NICE, or the limit."""
    with contextlib.suppress(PermissionError):
        _take_place(_SOON)


def go_first() -> None:
    """Go before all others, and at once, where the system lets us."""
    with contextlib.suppress(PermissionError):
        _take_place(_FIRST)


@contextlib.contextmanager
def hurrying() -> Iterator[None]:
    """Go first meanwhile, where the system lets us: somebody in danger waits for what is done now."""
    niceness = place()
    # Without root the place of a session may be changed but ten times a second: it could stay where it must not.
    if niceness <= _USUAL or os.geteuid() != 0:
        yield
        return
    _take_place(_FIRST)
    try:
        yield
    finally:
        _take_place(niceness)


def first_of_all() -> tuple[str, ...]:
    """Words before the command of a program that is not ours, to have it go first; none where the system refuses.

    What it forks to tidy up goes as everybody.
    """
    chrt = shutil.which("chrt")
    if chrt is None or not _may_be_taken():
        return ()
    words = (chrt, "--rr", "--reset-on-fork", str(_REAL_TIME_PRIORITY))
    tried = subprocess.run([*words, "true"], capture_output=True, check=False, timeout=10)  # noqa: S603 - words of ours
    is_let = tried.returncode == 0
    return words if is_let else ()


def place() -> int:
    """This process's niceness: below nought it goes before others."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def _take_place(niceness: int) -> None:
    _schedule(0, niceness)
    # Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of
    # a Procfile has a session of its own.
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(niceness))


def _schedule(process: int, niceness: int) -> None:
    os.setpriority(os.PRIO_PROCESS, process, niceness)
    if not hasattr(os, "sched_setscheduler"):
        return
    is_first = niceness == _FIRST and _may_be_taken()
    policy, rank = (os.SCHED_RR, _REAL_TIME_PRIORITY) if is_first else (os.SCHED_OTHER, 0)
    with contextlib.suppress(OSError):  # not let: then niceness is all there is
        if os.sched_getscheduler(process) != policy:
            os.sched_setscheduler(process, policy, os.sched_param(rank))


def _may_be_taken() -> bool:
    """Whether others keep a processor: of one that runs wild Linux leaves them a twentieth."""
    return len(os.sched_getaffinity(0)) > 1


def server_follows(conn: "psycopg.Connection[Any]", niceness: int) -> None:
    """Give PostgreSQL's process of this connection that place, where it runs on this machine and we may.

    Half of an event's work is done there.
    """
    with contextlib.suppress(OSError):
        title = Path(f"/proc/{conn.info.backend_pid}/cmdline").read_bytes()
        with socket.socket(fileno=os.dup(conn.fileno())) as ours:
            address = ours.getsockname()
        # On another machine that number is somebody else's here; PostgreSQL names the client's own port.
        if title.startswith(b"postgres:") and isinstance(address, tuple) and b"(%d)" % address[1] in title:
            _schedule(conn.info.backend_pid, niceness)
