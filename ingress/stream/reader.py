"""One open stream, as the process holds it: what waits to be sent, bounded, and why it ends."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

from ingress.stream.audience import Audience

Ending = Literal["slow", "gone", "expired", "revoked", "stopping", "renew"]
# Two pages of what is told: who reads at all is not cut off for one burst.
MOST_WAITING = 1000
# What the server below may hold of a stream is so many pieces, so none may be large.
PIECE_BYTES = 64 * 1024


class Reader:
    """Touched by the event loop alone, so it needs no lock.

    `position`: the last that was put in the queue or sent; what is not beyond it is known already. `on_end` is called
    when it ends, once.
    """

    __slots__ = ("_waiting", "audience", "ending", "on_end", "pace", "position", "timer", "wake")

    def __init__(self, audience: Audience, position: int) -> None:
        self.audience = audience
        self.pace = audience.pace
        self.position = position
        self.wake = asyncio.Event()
        self.ending: Ending | None = None
        self.on_end: Callable[[], None] = _nothing
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
        """The next piece of what waits; empty when nothing does."""
        self.forget_timer()
        piece = bytearray()
        while self._waiting and len(piece) < PIECE_BYTES:
            piece += self._waiting.popleft()
        return bytes(piece)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def end(self, why: Ending) -> None:
        """The first reason counts."""
        if self.ending is None:
            self.ending = why
            self.wake.set()
            self.on_end()

    def forget_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


def _nothing() -> None:
    return None
