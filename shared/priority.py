"""How much of the processor a process may have while others want it too."""

import contextlib
import os
import socket
from pathlib import Path
from typing import Any

import psycopg

# A tenth of the share of a process that gives way to nobody.
_NICENESS = 10
_AUTOGROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let others go first: this process, what it starts from now on, and on Linux its whole session.

    Where Linux shares the processor out among sessions first, niceness counts only within each; and every process of a
    Procfile has a session of its own.
    """
    os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    with contextlib.suppress(OSError):  # no Linux, or one without groups: then niceness is all there is
        _AUTOGROUP.write_text(str(_NICENESS))


def has_given_way() -> bool:
    return os.getpriority(os.PRIO_PROCESS, 0) >= _NICENESS


def server_gives_way(conn: "psycopg.Connection[Any]") -> None:
    """Let PostgreSQL's process of this connection go after others too, where it runs on this machine as our user.

    Half of an event's work is done there; beside others of full share it would slow down those for whom we gave way.
    """
    with contextlib.suppress(OSError):
        title = Path(f"/proc/{conn.info.backend_pid}/cmdline").read_bytes()
        with socket.socket(fileno=os.dup(conn.fileno())) as ours:
            address = ours.getsockname()
        # On another machine that number is somebody else's here; PostgreSQL names the client's own port.
        if title.startswith(b"postgres:") and isinstance(address, tuple) and b"(%d)" % address[1] in title:
            os.setpriority(os.PRIO_PROCESS, conn.info.backend_pid, _NICENESS)
