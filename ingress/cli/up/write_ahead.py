"""Room in the write-ahead log: files to use again, so that no commit waits until a new one is made.

A new file is 16 MiB of nought, written to the disk while every commit waits.
docs/decisions/0033-what-stalled-a-crisis.md
"""

import shutil
from pathlib import Path

import psycopg

from shared.queries import load

_KEPT = {"min_wal_size": "1GB", "max_wal_size": "2GB"}
_ROOMY_BYTES = 8 * 2**30
_FILES = 16


def is_roomy(directory: Path) -> bool:
    """Whether that disk has so much free that the log may keep what it used."""
    return shutil.disk_usage(directory).free >= _ROOMY_BYTES


def settings(directory: Path) -> dict[str, str]:
    """What the server is told; on a small disk nothing, and new files are made as they are needed."""
    return _KEPT if is_roomy(directory) else {}


def make_room(conn: "psycopg.Connection[tuple[object, ...]]", *, files: int = _FILES) -> None:
    """See to it that the log has so many files, some 30 ms for each new one, before anybody waits for it.

    A checkpoint gives back what is used up, to be used again. By a superuser, outside a transaction.
    """
    statements = load("embedded")
    missing = range(conn.execute(statements["log_files"]).rowcount, files)
    for _ in missing:
        conn.execute(statements["use_up_a_file"])
    if missing:
        conn.execute(statements["checkpoint"])
