"""Writes the last known answers in a thread of its own: a disk that stands still makes nobody wait."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog

from shared.access_cache import AccessCache
from shared.access_document import Document

log = structlog.get_logger(__name__)

_MOST_WAITING = 1_000


class Keeper:
    """One for each process. What waits to be written is found already."""

    def __init__(self, cache: AccessCache, *, most_waiting: int = _MOST_WAITING) -> None:
        self._cache = cache
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[Document, datetime]] = {}
        self._thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, thread_name_prefix="keeper")

    def keep(self, subject: str, document: Document, *, as_of: datetime) -> None:
        """Of each subject the newest waits; when too many do, this one is not remembered."""
        with self._lock:
            waiting = self._waiting.get(subject)
            if self._thread is None or (waiting is None and len(self._waiting) >= self._most_waiting):
                return
            if waiting is not None and waiting[1] > as_of:
                return
            self._waiting[subject] = (document, as_of)
            if waiting is None:
                self._begin(self._thread, subject)

    def find(self, subject: str) -> Document | None:
        with self._lock:
            waiting = self._waiting.get(subject)
        return self._cache.find(subject) if waiting is None else waiting[0]

    def close(self) -> None:
        """Write what waits, and take nothing more."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()
        self._cache.close()

    def _begin(self, thread: ThreadPoolExecutor, subject: str) -> None:
        try:
            thread.submit(self._write, subject)
        except RuntimeError:  # no thread to be had
            del self._waiting[subject]

    def _write(self, subject: str) -> None:
        """Until nothing newer came while it was written."""
        written: tuple[Document, datetime] | None = None
        while (waiting := self._next(subject, written)) is not None:
            try:
                self._cache.keep(subject, waiting[0], as_of=waiting[1])
            except Exception:
                log.exception("an answer could not be kept", action="access.cache")
            written = waiting

    def _next(self, subject: str, written: tuple[Document, datetime] | None) -> tuple[Document, datetime] | None:
        with self._lock:
            waiting = self._waiting.get(subject)
            if waiting is written:
                self._waiting.pop(subject, None)
                return None
            return waiting
