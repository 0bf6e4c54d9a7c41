"""Who a process is beyond its number, since numbers are given again."""

import subprocess
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
# In /proc/PID/stat the name stands in brackets and may hold anything; the start is the 20th word after it.
_START_AFTER_NAME = 19


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
        done = subprocess.run(
            ["/bin/ps", "-ww", "-o", column, "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
