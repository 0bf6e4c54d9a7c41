"""What the figures were measured on: without it they say nothing."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

_PACKAGES = ("celery", "flask", "granian", "gunicorn", "psycopg", "redis", "stripe")
_PROGRAMS = {"node": ("node", "--version"), "wrk": ("wrk", "--version"), "pgbench": ("pgbench", "--version")}
_GIBIBYTE = 1024**3


def describe() -> dict[str, str]:
    """Cores, memory, system and versions; `measured_at` is UTC."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIBIBYTE
    told = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "processor": _processor(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "user": "root" if os.geteuid() == 0 else "an ordinary user",  # only root's processes may go before others
        "load_at_start": f"{os.getloadavg()[0]:.2f}",
    }
    packages = {name: version for name in _PACKAGES if (version := _package(name))}
    programs = {name: version for name, command in _PROGRAMS.items() if (version := _first_line(command))}
    return told | packages | programs


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _package(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _first_line(command: tuple[str, ...]) -> str | None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return None
    lines = (done.stdout or done.stderr).splitlines()
    return lines[0].strip() if lines else None
