"""How much of the processor a process may have while others want it too."""

import contextlib
import os
import socket
from pathlib import Path
from typing import Any

import psycopg

# A tenth of the share of a process that gives way to nobody, and ten times that share.
_LAST, _FIRST = 10, -10
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session."""
    _take_place(_LAST)


def go_first() -> None:
    """Go before others, where the system lets us: root, CAP_SYS_NICE, or the limit for niceness."""
    with contextlib.suppress(PermissionError):
        _take_place(_FIRST)


def _take_place(niceness: int) -> None:
    os.setpriority(os.PRIO_PROCESS, 0, niceness)
    # Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of
    # a Procfile has a session of its own.
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(niceness))


def server_follows(conn: "psycopg.Connection[Any]") -> None:
    """Give PostgreSQL's process of this connection our place, where it runs on this machine and we may.

    Half of an event's work is done there.
    """
    niceness = os.getpriority(os.PRIO_PROCESS, 0)
    if niceness == 0:
        return
    with contextlib.suppress(OSError):
        title = Path(f"/proc/{conn.info.backend_pid}/cmdline").read_bytes()
        with socket.socket(fileno=os.dup(conn.fileno())) as ours:
            address = ours.getsockname()
        # On another machine that number is somebody else's here; PostgreSQL names the client's own port.
        if title.startswith(b"postgres:") and isinstance(address, tuple) and b"(%d)" % address[1] in title:
            os.setpriority(os.PRIO_PROCESS, conn.info.backend_pid, niceness)
