"""One open stream, as the process holds it: what waits to be sent, bounded, and why it ends."""

import asyncio
from collections import deque
from typing import Literal

from ingress.stream.audience import Audience

Ending = Literal["slow", "gone", "expired", "revoked", "stopping", "renew"]
# Two pages of what is told: who reads at all is not cut off for one burst.
MOST_WAITING = 1000


class Reader:
    """Touched by the event loop alone, so it needs no lock.

    `position`: the last that was put in the queue or sent; what is not beyond it is known already.
    """

    __slots__ = ("_waiting", "audience", "ending", "position", "timer", "wake")

    def __init__(self, audience: Audience, position: int) -> None:
        self.audience = audience
        self.position = position
        self.wake = asyncio.Event()
        self.ending: Ending | None = None
        self.timer: asyncio.TimerHandle | None = None
        self._waiting: deque[bytes] = deque()

    def offer(self, position: int, frame: bytes) -> bool:
        """Whether it was new. One whose queue is full is cut off: it comes again, and goes on from where it was."""
        if position <= self.position or self.ending is not None:
            return False
        if len(self._waiting) >= MOST_WAITING:
            self.end("slow")
            return False
        self._waiting.append(frame)
        self.position = position
        return True

    def take(self) -> bytes:
        """All that waits, as one piece."""
        self.forget_timer()
        whole = b"".join(self._waiting)
        self._waiting.clear()
        return whole

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def end(self, why: Ending) -> None:
        """The first reason counts."""
        self.ending = self.ending or why
        self.wake.set()

    def forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
