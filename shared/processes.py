"""Who a process is beyond its number, since numbers are given again; and whether the owner of a claim still lives."""

import os
import re
import socket
import subprocess
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# In /proc/PID/stat the name stands in brackets and may hold anything; the start is the 20th word after it.
_START_AFTER_NAME = 19

_OWNER = re.compile(r"[^@]*@(.+):(\d{1,10})")
# The machine's own table of processes; containers have others.
_FIRST_PID_NAMESPACE = "pid:[4026531836]"


@cache
def place() -> str:
    """Where process numbers mean what they mean here: the host in its present run, and the container if it is one."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # macOS has no namespaces
        return socket.gethostname()
    # Two machines may bear one name, and share a database.
    run = _BOOT.read_text(encoding="ascii")[:8]
    return f"{socket.gethostname()}/{run}" + ("" if namespace == _FIRST_PID_NAMESPACE else f"/{namespace[5:-1]}")


def owner(process: str) -> str:
    """How this process signs its claims: `crisis.1@host:1234`."""
    return f"{process}@{place()}:{os.getpid()}"


def is_gone(claimed_by: str) -> bool:
    """Whether that owner is known to be dead: it ran in this place, and nobody has its number any more."""
    found = _OWNER.fullmatch(claimed_by)
    return (
        found is not None and found[1] == place() and identity(int(found[2])) is None and not _is_hidden(int(found[2]))
    )


def _is_hidden(pid: int) -> bool:
    """Whether it lives and is another user's: /proc may be mounted so that it shows one's own only."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return False


def identity(pid: int) -> str | None:
    """A text that no other process of this number has, None when nobody has it."""
    stat = Path(f"/proc/{pid}/stat")
    if _BOOT.exists():
        try:
            words = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        return None if words[0] == "Z" else f"{_BOOT.read_text(encoding='ascii').strip()} {words[_START_AFTER_NAME]}"
    return _from_ps(pid, "lstart=")


def works_in(pid: int, directory: Path) -> bool:
    """Whether a process has this directory as its own, or names it on its command line where that cannot be seen."""
    link = Path(f"/proc/{pid}/cwd")
    if _BOOT.exists():
        try:
            return link.readlink() == directory
        except OSError:
            return False
    return str(directory) in (_from_ps(pid, "command=") or "")


def _from_ps(pid: int, column: str) -> str | None:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, and a number
            ["/bin/ps", "-ww", "-o", column, "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
