"""Writes the last known answers in a thread of its own: a disk that stands still makes nobody wait.

What this process told or found a moment ago it knows by itself: who asks while the file is held by another thread, or
the processor by another process, is not told less for it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

import structlog

from shared.access_cache import OVERTAKEN_WITHIN, AccessCache, number_of
from shared.access_document import Document

log = structlog.get_logger(__name__)

_MOST_WAITING = 1_000
_MOST_LATELY = 1_000
# For stalls, not for outages: the file may have been told something else since, by another process.
_LATELY_SECONDS = 60.0
# Waking this thread for each answer would cost more than writing it, and take the processor from the answer itself.
_GATHERED_SECONDS = 0.05

_Waiting = tuple[Document, datetime]


class _Lately(NamedTuple):
    document: Document
    number: int  # of when it is
    ends: float  # on the monotonic clock


class Keeper:
    """One for each process. What waits to be written is found already."""

    def __init__(
        self, cache: AccessCache, *, most_waiting: int = _MOST_WAITING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._cache = cache
        self._most_waiting = most_waiting
        self._clock = clock
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._waiting: dict[str, _Waiting] = {}
        self._lately: OrderedDict[str, _Lately] = OrderedDict()
        self._is_writing = False
        self._thread: ThreadPoolExecutor | None = ThreadPoolExecutor(1, thread_name_prefix="keeper")

    def keep(self, subject: str, document: Document, *, as_of: datetime) -> None:
        """Of each subject the newest waits; when too many do, this one is not written."""
        number = number_of(as_of)
        with self._lock:
            self._forget_old()
            lately = self._lately.get(subject)
            if lately is None or not number < lately.number <= number + OVERTAKEN_WITHIN:
                self._remember(subject, document, number)
            waiting = self._waiting.get(subject)
            if self._thread is None or (waiting is None and len(self._waiting) >= self._most_waiting):
                return
            if waiting is not None and waiting[1] > as_of:
                return
            self._waiting[subject] = (document, as_of)
            if not self._is_writing:
                self._begin(self._thread)

    def find(self, subject: str) -> Document | None:
        """The newest of what waits, what is in the file, and what was told or found here a moment ago."""
        with self._lock:
            waiting = self._waiting.get(subject)
        if waiting is not None:
            return waiting[0]
        found = self._cache.last(subject)
        with self._lock:
            self._forget_old()
            lately = self._lately.get(subject)
            if found is None:
                return None if lately is None else lately.document
            if lately is not None and found[1] < lately.number:
                found = lately.document, lately.number
            self._remember(subject, *found)  # for a minute anew: the file has nothing newer
        return found[0]

    def close(self) -> None:
        """Write what waits, and take nothing more."""
        self._closing.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()
        self._cache.close()

    def _remember(self, subject: str, document: Document, number: int) -> None:
        self._lately[subject] = _Lately(document, number, self._clock() + _LATELY_SECONDS)
        self._lately.move_to_end(subject)
        if len(self._lately) > _MOST_LATELY:
            self._lately.popitem(last=False)

    def _forget_old(self) -> None:
        while self._lately and next(iter(self._lately.values())).ends < self._clock():
            self._lately.popitem(last=False)

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
