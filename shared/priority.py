"""How much of the processor a process may have while others want it too."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

# A tenth of the share of a process that gives way to nobody, that share, three times and ten times as much.
_LAST, _USUAL, _SOON, _FIRST = 10, 0, -5, -10
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session."""
    _take_place(_LAST)


def go_soon() -> None:
    """Go before most: somebody waits for an answer. Where the system lets us: root, CAP_SYS_NICE, or the limit."""
    with contextlib.suppress(PermissionError):
        _take_place(_SOON)


def go_first() -> None:
    """Go before all others, where the system lets us."""
    with contextlib.suppress(PermissionError):
        _take_place(_FIRST)


@contextlib.contextmanager
def hurrying() -> Iterator[None]:
    """Give way to nobody meanwhile, where the system lets us: somebody in danger waits for what is done now."""
    niceness = place()
    # Without root the place of a session may be changed but ten times a second: it could stay where it must not.
    if niceness <= _USUAL or os.geteuid() != 0:
        yield
        return
    _take_place(_USUAL)
    try:
        yield
    finally:
        _take_place(niceness)


def place() -> int:
    """This process's niceness: below nought it goes before others."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def _take_place(niceness: int) -> None:
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    # Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of
    # a Procfile has a session of its own.
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(niceness))


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
            os.setpriority(os.PRIO_PROCESS, conn.info.backend_pid, niceness)
