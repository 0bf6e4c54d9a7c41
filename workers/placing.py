"""Gives committed notices their positions, and says so: at once when woken, else a few times a second."""

import threading
import time
from collections.abc import Callable, Sequence

import redis

from shared import outbox, waking
from shared.db import Pool
from shared.outbox import Mark

EVERY_SECONDS = 0.25
_QUIET_SECONDS = 2.0
_MOST_ROUNDS = 10  # then whoever waits for something else gets a turn


class Placing:
    """Any number may run: the counter's row lets one give positions at a time."""

    def __init__(
        self, pool: Pool, client: "redis.Redis | None", told: Callable[[Sequence[Mark]], object] = len
    ) -> None:
        """`told` is called with what was told, in this process."""
        self._pool = pool
        self._client = client
        self._told = told
        self._quiet_until = 0.0

    def place_all(self) -> int:
        """Until nothing is owed that is not told, or for some rounds of many; how many."""
        total = 0
        for _ in range(_MOST_ROUNDS):
            marks = self._place()
            if not marks:
                break
            total += len(marks)
            self._say(marks)
            self._told(marks)
        return total

    def _say(self, marks: Sequence[Mark]) -> None:
        """To whom it may concern; a broker that is gone or frozen is left alone for a moment."""
        now = time.monotonic()
        if self._client is not None and now >= self._quiet_until and not waking.publish_told(self._client, marks):
            self._quiet_until = now + _QUIET_SECONDS

    def _place(self) -> Sequence[Mark]:
        with self._pool.transaction() as conn:
            return outbox.assign_positions(conn) if outbox.is_owed(conn) else ()


class Woken:
    """Something to wait on, that a waker sets."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self, _message: bytes = b"") -> None:
        self._event.set()

    def wait(self, seconds: float) -> None:
        self._event.wait(seconds)
        self._event.clear()
