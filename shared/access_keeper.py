"""Writes the last known answers in a thread of its own: a disk that stands still makes nobody wait.

What this process told lately it knows by itself, for when the disk, or the processor, gives nothing in time.
"""

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog

from shared.access_cache import AccessCache
from shared.access_document import Document

log = structlog.get_logger(__name__)

_MOST_WAITING = 1_000
_MOST_TOLD = 1_000
# Waking this thread for each answer would cost more than writing it, and take the processor from the answer itself.
_GATHERED_SECONDS = 0.05

_Waiting = tuple[Document, datetime]


class Keeper:
    """One for each process. What waits to be written is found already."""

    def __init__(self, cache: AccessCache, *, most_waiting: int = _MOST_WAITING) -> None:
        self._cache = cache
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._waiting: dict[str, _Waiting] = {}
        self._told: OrderedDict[str, Document] = OrderedDict()
        self._is_writing = False
        self._thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, thread_name_prefix="keeper")

    def keep(self, subject: str, document: Document, *, as_of: datetime) -> None:
        """Of each subject the newest waits; when too many do, this one is not remembered."""
        with self._lock:
            waiting = self._waiting.get(subject)
            if waiting is not None and waiting[1] > as_of:
                return
            self._remember(subject, document)
            if self._thread is None or (waiting is None and len(self._waiting) >= self._most_waiting):
                return
            self._waiting[subject] = (document, as_of)
            if not self._is_writing:
                self._begin(self._thread)

    def find(self, subject: str) -> Document | None:
        """What the disk has: another process may have told it since. Else what was told or found here."""
        with self._lock:
            waiting = self._waiting.get(subject)
        if waiting is not None:
            return waiting[0]
        found = self._cache.find(subject)
        with self._lock:
            if found is None:
                return self._told.get(subject)
            self._remember(subject, found)
        return found

    def close(self) -> None:
        """Write what waits, and take nothing more."""
        self._closing.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()
        self._cache.close()

    def _remember(self, subject: str, document: Document) -> None:
        self._told[subject] = document
        self._told.move_to_end(subject)
        if len(self._told) > _MOST_TOLD:
            self._told.popitem(last=False)

    def _begin(self, thread: ThreadPoolExecutor) -> None:
        try:
            thread.submit(self._write)
        except RuntimeError:  # no thread to be had
            self._waiting.clear()
        else:
            self._is_writing = True

    def _write(self) -> None:
        """All that waits, and what comes meanwhile."""
        self._closing.wait(_GATHERED_SECONDS)
        while (found := self._first()) is not None:
            subject, waiting = found
            try:
                self._cache.keep(subject, waiting[0], as_of=waiting[1])
            except Exception:
                log.exception("an answer could not be kept", action="access.cache")
            self._written(subject, waiting)

    def _first(self) -> tuple[str, _Waiting] | None:
        with self._lock:
            found = next(iter(self._waiting.items()), None)
            self._is_writing = found is not None
        return found

    def _written(self, subject: str, waiting: _Waiting) -> None:
        """It waits no more; something newer that came meanwhile does, behind the others."""
        with self._lock:
            newest = self._waiting.pop(subject)
            if newest is not waiting:
                self._waiting[subject] = newest
