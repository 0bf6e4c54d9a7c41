"""A SQLite file of answers that may be damaged, taken away or slow, and then simply knows nothing."""

import contextlib
import errno
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")

_TABLE = "CREATE TABLE IF NOT EXISTS answers (name BLOB PRIMARY KEY, number INTEGER, sealed BLOB) WITHOUT ROWID"
_TURN_SECONDS = 0.002
_NEWEST = "CREATE INDEX IF NOT EXISTS newest ON answers (number)"


class Handle:
    """One connection to the file, for one thread at a time; `wait_seconds` for another thread or process."""

    def __init__(self, path: Path, *, wait_seconds: float) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._opened_as: tuple[int, int] | None = None

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    def use(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What the work returns; None when that goes wrong, or another thread has the connection for too long."""
        if not self._lock.acquire(timeout=self._wait_seconds):
            return None
        try:
            return work(self._opened())
        except (sqlite3.Error, OSError) as error:
            log.warning("the cache of answers does not serve", action="access.cache", kind=type(error).__name__)
            self._forget()
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                with contextlib.suppress(OSError):
                    self._path.unlink()
            return None
        finally:
            self._lock.release()

    def close(self) -> None:
        with self._lock:
            self._forget()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._opened_as is None or self._opened_as != self._identity():
            self._forget()
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                self._make()
            self._connection = sqlite3.connect(self._path, timeout=self._wait_seconds, check_same_thread=False)
            self._opened_as = self._identity()
            for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", _TABLE, _NEWEST):
                self._connection.execute(statement)
        return self._connection

    def _make(self) -> None:
        """Nobody else's to read. Raises FileExistsError: closing one that is in use would end SQLite's locks on it."""
        with self._making():
            os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            for suffix in ("-wal", "-shm"):  # of a file that is gone
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _making(self) -> Iterator[None]:
        """One process after the other: what the first has opened by then, the next one must not clear away.

        Raises BlockingIOError when it takes too long.
        """
        directory = os.open(self._path.parent, os.O_RDONLY)
        try:
            ends = time.monotonic() + self._wait_seconds
            while not _locked(directory):
                if time.monotonic() >= ends:
                    raise BlockingIOError(errno.EWOULDBLOCK, "another process makes the file")
                time.sleep(_TURN_SECONDS)
            yield
        finally:
            os.close(directory)

    def _identity(self) -> tuple[int, int] | None:
        """Differs after a fork, and when another took the file away: what is written to that one nobody reads."""
        try:
            return os.getpid(), self._path.stat().st_ino
        except FileNotFoundError:
            return None

    def _forget(self) -> None:
        # After a fork it is the parent's.
        if self._connection is not None and self._opened_as is not None and self._opened_as[0] == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
