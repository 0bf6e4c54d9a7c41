"""Log files under CARELANE_HOME/logs: one that has become large is set aside, packed, and the oldest go.

Processes write at the end of an open file, so it is copied and then emptied where it is. A line that is written between
the two is lost; the records that count are in PostgreSQL.
"""

import contextlib
import gzip
import os
import shutil
from pathlib import Path

_EVERY_SECONDS = 60.0
MOST_BYTES = 20 * 1024 * 1024
KEPT = 5


class Rotation:
    """`look` may be called as often as one likes."""

    def __init__(self, directory: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
        self._directory = directory
        self._most_bytes = most_bytes
        self._kept = kept
        self._due = 0.0

    def look(self, now: float) -> None:
        if now < self._due:
            return
        self._due = now + _EVERY_SECONDS
        for path in self._directory.glob("*.log"):
            with contextlib.suppress(OSError):  # a full disk must not end the supervision
                if path.stat().st_size > self._most_bytes:
                    self._set_aside(path)

    def _set_aside(self, path: Path) -> None:
        draft = path.with_name(f"{path.name}.new.gz")
        with path.open("rb") as source, gzip.open(draft, "wb", compresslevel=3) as target:
            shutil.copyfileobj(source, target)
        draft.chmod(0o600)
        for number in range(self._kept, 1, -1):
            earlier = path.with_name(f"{path.name}.{number - 1}.gz")
            if earlier.exists():
                earlier.replace(path.with_name(f"{path.name}.{number}.gz"))
        draft.replace(path.with_name(f"{path.name}.1.gz"))
        os.truncate(path, 0)
