"""CARELANE_HOME: a private directory, the lock that lets one `up` use it, and files of KEY=value lines."""

import fcntl
import os
import re
from collections.abc import Mapping
from pathlib import Path

from ingress.cli import exits
from ingress.cli.up.failure import StartFailed

_PAIR = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)")
_OPEN_TO_OTHERS = 0o077


def make_home(path: Path) -> Path:
    """Make the directory if need be, for its owner alone, and return its absolute path."""
    home = path.expanduser().resolve()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(home)
        for name in ("logs", "run", "run/ready", "run/metrics"):
            (home / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StartFailed(f"CARELANE_HOME {home} cannot be used: {error.strerror}", exit_code=exits.USAGE) from error
    return home


def _close_to_others(home: Path) -> None:
    if not home.stat().st_mode & _OPEN_TO_OTHERS:
        return
    # CARELANE_HOME=/tmp by mistake must not take /tmp away from everybody else.
    if any(home.iterdir()) and not (home / "lock").exists():
        raise StartFailed(
            f"CARELANE_HOME {home} is open to others and holds files that are not Carelane's: name an empty directory",
            exit_code=exits.USAGE,
        )
    home.chmod(0o700)


def take_lock(home: Path) -> int:
    """Lock the home for as long as the returned descriptor is open, which is as long as this process lives."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 20, 0).decode().strip()
        os.close(descriptor)
        raise StartFailed(
            f"Carelane is already running on {home} (process {holder or 'unknown'}): stop that one, "
            "or give this one another CARELANE_HOME",
            exit_code=exits.ALREADY_RUNNING,
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, for its owner alone; a reader sees the old text or the new, never a part."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Keys that sealed a body must not vanish with the power after the body was kept."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_pairs(path: Path) -> dict[str, str]:
    """The KEY=value lines of a file, values as they stand; nothing when there is no file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {found[1]: found[2] for found in map(_PAIR.fullmatch, lines) if found}


def format_pairs(pairs: Mapping[str, str]) -> str:
    return "".join(f"{key}={pairs[key]}\n" for key in sorted(pairs))
