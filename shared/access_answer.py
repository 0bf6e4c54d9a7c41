"""The answer about access within its time, whatever is down: computed, else the last known, else the safe default."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog

from shared import access
from shared.access_cache import AccessCache
from shared.access_document import Document, document, safe_default, stale
from shared.db import Connection
from shared.errors import TransientError
from shared.rules.access import Known, decide
from shared.rules.standing import Policy

log = structlog.get_logger(__name__)


class Transactions(Protocol):
    """A pool of the access call's own: no other call, and no other door, can use up its connections."""

    def transaction(self) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`budget_seconds`: how long an answer is waited for; promised are 100 ms to the caller, all else included."""

    budget_seconds: float = 0.06
    threads: int = 4
    quiet_seconds: float = 1.0  # after a failure nobody waits; one in so long looks again


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AccessAnswers:
    """One for each process. Never raises, and never waits longer than its budget."""

    def __init__(
        self, pool: Transactions, cache: AccessCache, policy: Policy, *, limits: Limits | None = None,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._cache = cache
        self._policy = policy
        self._limits = limits or Limits()
        self._clock = clock
        self._threads = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="access")
        self._free = threading.BoundedSemaphore(self._limits.threads)
        self._looks_again_at = 0.0

    def answer(self, user_id: str) -> Document:
        """The body of `GET /api/access/{userId}`, marked `degraded` where it was not computed now."""
        try:
            return self._live(user_id) or self._fallback(user_id)
        except Exception:  # a bug of ours must not stand between a person and care
            log.exception("an answer about access could not be computed", action="access.failed")
            return self._fallback(user_id)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _live(self, user_id: str) -> Document | None:
        now = time.monotonic()
        if self._looks_again_at > now:
            return None
        if self._looks_again_at > 0:
            # The stores were away: look whether they are back, and let nobody wait for it.
            self._looks_again_at = now + self._limits.quiet_seconds
            self._begin(user_id, wait_seconds=0)
            return None
        begun = self._begin(user_id, wait_seconds=self._limits.budget_seconds)
        if begun is None:
            return None
        try:
            return begun.result(timeout=max(0.0, self._limits.budget_seconds - (time.monotonic() - now)))
        except (TimeoutError, TransientError):
            self._looks_again_at = time.monotonic() + self._limits.quiet_seconds
            return None

    def _begin(self, user_id: str, *, wait_seconds: float) -> Future[Document] | None:
        """Compute in a thread of its own; None when all of them are busy for that long."""
        if not self._free.acquire(timeout=wait_seconds):
            return None
        try:
            begun = self._threads.submit(self._compute, user_id)
        except RuntimeError:  # closing
            self._free.release()
            return None
        begun.add_done_callback(lambda _: self._free.release())
        return begun

    def _compute(self, user_id: str) -> Document:
        with self._pool.transaction() as conn:
            reading = access.read(conn, user_id)
        self._looks_again_at = 0.0
        if reading is None:  # nobody told us of them: what everybody has, and nothing worth remembering
            at = self._clock()
            return document(user_id, decide(Known(), self._policy, at), at)
        found = document(user_id, reading.decide(self._policy), reading.at)
        self._cache.keep(user_id, found)
        return found

    def _fallback(self, user_id: str) -> Document:
        try:
            known = self._cache.find(user_id)
            return safe_default(user_id, self._clock()) if known is None else stale(known)
        except Exception:
            log.exception("the last known answer could not be read", action="access.failed")
            return safe_default(user_id, self._clock())
