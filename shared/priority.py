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
# macOS has no such policies.
_AT_ONCE = os.SCHED_RR | os.SCHED_RESET_ON_FORK if hasattr(os, "SCHED_RESET_ON_FORK") else 0
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session."""
    _take_place(_LAST)


def go_soon() -> None:
    """Go before most: somebody waits for an answer. Where the system lets us: root, CAP_SYS_NICE, or the limit."""
    with contextlib.suppress(PermissionError):
        _take_place(_SOON)


def go_first() -> None:
    """Go before all others, and at once, where the system lets us.

    This thread alone: threads and processes begun from here go as everybody, until they ask for themselves.
    """
    with contextlib.suppress(PermissionError):
        _take_place(_FIRST)


@contextlib.contextmanager
def hurrying(*, at_once: bool) -> Iterator[None]:
    """Give way to nobody meanwhile, or go first, where the system lets us: somebody waits for what is done now."""
    niceness = place()
    # Without root the place of a session may be changed but ten times a second: it could stay where it must not.
    if niceness <= _USUAL or os.geteuid() != 0:
        yield
        return
    try:
        with contextlib.suppress(PermissionError):  # root of a container may have no say in it
            _take_place(_FIRST if at_once else _USUAL)
        yield
    finally:
        _take_place(niceness)


def first_of_all() -> tuple[str, ...]:
    """Words before the command of a program that is not ours, to have it go first; none where the system refuses.

    What it forks to tidy up goes as everybody.
    """
    chrt = shutil.which("chrt")
    if chrt is None or not _may_be_taken(0):
        return ()
    words = (chrt, "--rr", "--reset-on-fork", str(_REAL_TIME_PRIORITY))
    tried = subprocess.run([*words, "true"], capture_output=True, check=False, timeout=10)  # noqa: S603 - words of ours
    is_let = tried.returncode == 0
    return words if is_let else ()


def place() -> int:
    """This process's niceness: below nought it goes before others."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def _take_place(niceness: int) -> None:
    _schedule(0, niceness, at_once=niceness == _FIRST)
    # Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of
    # a Procfile has a session of its own.
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(niceness))


def _schedule(process: int, niceness: int, *, at_once: bool) -> None:
    _take_turns(process, at_once=at_once and _may_be_taken(process))
    os.setpriority(os.PRIO_PROCESS, process, niceness)


def _take_turns(process: int, *, at_once: bool) -> None:
    if not hasattr(os, "sched_setscheduler"):
        return
    policy, rank = (_AT_ONCE, _REAL_TIME_PRIORITY) if at_once else (os.SCHED_OTHER, 0)
    with contextlib.suppress(OSError):  # not let: then niceness is all there is
        if os.sched_getscheduler(process) != policy:
            os.sched_setscheduler(process, policy, os.sched_param(rank))


def _may_be_taken(process: int) -> bool:
    """Whether others keep a processor: of one that runs wild Linux leaves them a twentieth."""
    return hasattr(os, "sched_getaffinity") and len(os.sched_getaffinity(process)) > 1


def server_follows(conn: "psycopg.Connection[Any]", niceness: int) -> None:
    """Give PostgreSQL's process of this connection that place, where it runs on this machine and we may.

    Half of an event's work is done there. Its part for whoever goes soon or first is done at once: it is short, no more
    than they ask for, and while it waits for the processor all who commit wait for it.
    """
    with contextlib.suppress(OSError):
        title = Path(f"/proc/{conn.info.backend_pid}/cmdline").read_bytes()
        with socket.socket(fileno=os.dup(conn.fileno())) as ours:
            address = ours.getsockname()
        # On another machine that number is somebody else's here; PostgreSQL names the client's own port.
        if title.startswith(b"postgres:") and isinstance(address, tuple) and b"(%d)" % address[1] in title:
            _schedule(conn.info.backend_pid, niceness, at_once=niceness in {_SOON, _FIRST})
