"""Hands what was told to the endpoints of callbacks, in a thread of its own: whoever gives positions waits for none."""

import threading
import time
from collections.abc import Sequence

import structlog

from shared.db import Pool
from shared.errors import TransientError
from shared.notice_kinds import is_urgent
from shared.outbox import Mark
from workers.callbacks import Senders
from workers.placing import EVERY_SECONDS, Woken

log = structlog.get_logger(__name__)

# Beyond all that a look may wait for the database.
_STUCK_SECONDS = 30.0


class Handing:
    """Closing it waits for what is being sent."""

    def __init__(self, pool: Pool, senders: Senders) -> None:
        self._pool = pool
        self._senders = senders
        self._woken = Woken()
        self._lock = threading.Lock()
        self._in_danger: set[str] = set()
        self._closed = False
        self._looked_at = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="handing", daemon=True)
        self._thread.start()

    def told(self, marks: Sequence[Mark]) -> None:
        """From any thread."""
        with self._lock:
            self._in_danger.update(mark.recipient for mark in marks if is_urgent(mark.kind))
        self._woken.wake()

    @property
    def is_well(self) -> bool:
        """Whether it gets on; False too when an error of ours has ended it."""
        return self._thread.is_alive() and time.monotonic() - self._looked_at < _STUCK_SECONDS

    def close(self) -> None:
        self._closed = True
        self._woken.wake()
        self._thread.join(timeout=_STUCK_SECONDS)
        self._senders.close()
        self._pool.close()

    def _work(self) -> None:
        trouble, has_more = None, False
        while not self._closed:
            before = trouble
            trouble, has_more = self._look()
            if trouble != before:
                level = log.warning if trouble else log.info
                level("what surrounds callbacks changed", action="callbacks.surroundings", status=trouble or "well")
            self._looked_at = time.monotonic()
            self._woken.wait(0 if has_more else EVERY_SECONDS)

    def _look(self) -> tuple[str | None, bool]:
        """What was in the way, or None; whether there is more to be handed at once."""
        with self._lock:
            in_danger, self._in_danger = self._in_danger, set()
        try:
            return None, self._senders.look(self._pool, in_danger)
        except TransientError as error:
            with self._lock:
                self._in_danger |= in_danger
            return error.code, False
