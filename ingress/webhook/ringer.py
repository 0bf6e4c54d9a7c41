"""Rings the doorbell for what was kept, in a thread of its own: no answer and no commit waits for the broker."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from ingress.webhook.gathering import Gathering
from shared.arrivals import Kept
from shared.broker import Nudge
from shared.rules.lanes import STANDARD


class Doorbell(Protocol):
    def expects_to_ring(self, urgency: int) -> bool: ...
    def ring(self, nudges: Sequence[Nudge]) -> bool: ...
    def length(self, urgency: int) -> int: ...


class Ringer:
    """One for each process. `not_nudged` is told the rows for which nobody rang, so that the relay takes them up."""

    def __init__(self, doorbell: Doorbell, *, not_nudged: Callable[[Sequence[int]], None]) -> None:
        self._doorbell = doorbell
        self._not_nudged = not_nudged
        self._gathering = Gathering()
        self._turn = threading.Condition(threading.Lock())
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="ringer", daemon=True)
        self._thread.start()

    def expects_to_ring(self, urgency: int) -> bool:
        return self._doorbell.expects_to_ring(urgency)

    def ring_for(self, kept: Sequence[tuple[Kept, bool]]) -> None:
        """Each with whether ringing for it was expected when it was kept.

        It is asked again by what the event turned out to be: it may be of a person in danger, whose list is never
        full. A duplicate is not rung for: its first delivery was, and the relay looks after what nobody took up.
        """
        rung = [each for each, was in kept if not each.duplicate and (was or self.expects_to_ring(each.urgency))]
        if not rung:
            return
        with self._turn:
            for each in rung:
                self._gathering.add(each.row_id, each.lane, each.urgency)
            self._turn.notify()

    def close(self) -> None:
        """Ring for what is left, then end."""
        with self._turn:
            self._closed = True
            self._turn.notify()
        self._thread.join()

    def _work(self) -> None:
        while (nudges := self._take()) is not None:
            try:
                if self._doorbell.ring(nudges):
                    self._gathering.note_waiting(self._doorbell.length(STANDARD))
                else:
                    self._not_nudged([row_id for nudge in nudges for row_id in nudge.row_ids])
            except Exception:  # noqa: BLE001 - the next ones are rung for all the same; the relay has these
                structlog.get_logger(__name__).exception("ringing failed", action="webhook.ring_failed")

    def _take(self) -> list[Nudge] | None:
        with self._turn:
            while True:
                now = math.inf if self._closed else time.monotonic()
                seconds = self._gathering.due_in(now)
                if seconds == 0:
                    return self._gathering.take(now)
                if seconds is None and self._closed:
                    return None
                self._turn.wait(seconds)
