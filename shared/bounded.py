"""Questions to PostgreSQL whose answer is waited for a short while only; after a failure nobody waits at all."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared.db import Connection
from shared.errors import TransientError

T = TypeVar("T")
Question = Callable[[Connection], T]
_FAIR_SHARE = 0.5  # of the budget


class Transactions(Protocol):
    def transaction(self) -> AbstractContextManager[Connection]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`budget_seconds`: how long an answer is waited for; promised are 100 ms to the caller, all else included."""

    budget_seconds: float = 0.06
    threads: int = 4
    quiet_seconds: float = 1.0  # after a failure nobody waits; one in so long looks again


class Bounded:
    """One for each process, over a pool of its own: no other call, and no other door, can use up its connections."""

    def __init__(self, pool: Transactions, limits: Limits) -> None:
        self._pool = pool
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.threads, thread_name_prefix="bounded")
        self._free = threading.BoundedSemaphore(limits.threads)
        self._looks_again_at = 0.0

    def ask(self, question: Question[T], *, began: float | None = None) -> T:
        """What the question returns; raises TransientError, and whatever the question itself raised.

        `began`, on the monotonic clock, is when the caller began to wait: several questions of one call share a budget.
        """
        now = time.monotonic()
        if self._looks_again_at > now:
            raise _away()
        if self._looks_again_at > 0:
            # The stores were away: look whether they are back, and let nobody wait for it.
            self._looks_again_at = now + self._limits.quiet_seconds
            self._begin(question, wait_seconds=0)
            raise _away()
        ends = (now if began is None else began) + self._limits.budget_seconds
        if ends <= now:
            raise _busy()
        begun = self._begin(question, wait_seconds=ends - now)
        if begun is None:
            raise _busy()
        return self._wait(begun, ends)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _wait(self, begun: Future[T], ends: float) -> T:
        asked = time.monotonic()
        try:
            return begun.result(timeout=max(0.0, ends - asked))
        except TimeoutError as error:
            # Who had waited for other things before says little of the stores: they had no time to answer.
            if time.monotonic() - asked >= self._limits.budget_seconds * _FAIR_SHARE:
                self._looks_again_at = time.monotonic() + self._limits.quiet_seconds
            raise _away() from error
        except TransientError as error:
            self._looks_again_at = time.monotonic() + self._limits.quiet_seconds
            raise _away() from error

    def _begin(self, question: Question[T], *, wait_seconds: float) -> Future[T] | None:
        """Ask in a thread of its own; None when all of them are busy for that long."""
        if not self._free.acquire(timeout=wait_seconds):
            return None
        try:
            begun = self._threads.submit(self._answer, question)
        except RuntimeError:  # closing
            self._free.release()
            return None
        begun.add_done_callback(lambda _: self._free.release())
        return begun

    def _answer(self, question: Question[T]) -> T:
        with self._pool.transaction() as conn:
            found = question(conn)
        self._looks_again_at = 0.0
        return found


def _busy() -> TransientError:
    return TransientError("all that may ask are busy", code="database_busy")


def _away() -> TransientError:
    return TransientError("the database did not answer in time", code="database_away")
