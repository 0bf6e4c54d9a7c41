"""What was told, read once for all streams of this process; Redis says when, PostgreSQL what.

A thread of its own reads, for the database's answers are waited for; the event loop hands out. When Redis is away the
clock takes its place, and when PostgreSQL is away the streams stay open and go on afterwards.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from ingress.stream.audience import Audience
from shared import outbox
from shared.db import Pool
from shared.errors import TransientError
from shared.outbox import Told

PAGE = 500
POLL_SECONDS = 0.5
REMEMBERED = 2000  # for those who come back at once: all of them, when a process was replaced
_HANDING_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Feed:
    """`position` is how far this process has told; None until the database has answered once."""

    def __init__(
        self,
        pool: Pool,
        hand_out: Callable[[Sequence[Told]], Awaitable[None]],
        *,
        begin_anew: Callable[[], object],
        remembered: int = REMEMBERED,
    ) -> None:
        """`begin_anew` is called on the event loop when positions that were told of are gone."""
        self._pool = pool
        self._hand_out = hand_out
        self._begin_anew = begin_anew
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = threading.Event()
        self._closed = False
        self._recent: deque[Told] = deque(maxlen=remembered)
        self._complete_after = 0
        self.position: int | None = None
        self._thread = threading.Thread(target=self._work, name="feed", daemon=True)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._thread.start()

    def wake(self, _message: bytes = b"") -> None:
        """From any thread: something was told."""
        self._woken.set()

    def close(self) -> None:
        self._closed = True
        self._woken.set()
        self._thread.join(timeout=2.0)

    def remembers(self, after: int) -> bool:
        """Whether all that was told after this is still here."""
        return after >= self._complete_after

    def since(self, after: int, audience: Audience) -> list[Told]:
        return [told for told in self._recent if told.position > after and audience.hears_notice(told)]

    def _work(self) -> None:
        trouble = None
        while not self._closed:
            before, trouble = trouble, self._read_on()
            if trouble != before:
                level = log.warning if trouble else log.info
                level("the feed's surroundings changed", action="stream.surroundings", status=trouble or "well")
            self._woken.wait(POLL_SECONDS)
            self._woken.clear()

    def _read_on(self) -> str | None:
        """Until nothing is new; what was in the way, or None."""
        try:
            while not self._closed and self._page() >= PAGE:
                pass
        except TransientError as error:
            return error.code
        except Exception:
            log.exception("the feed could not be read", action="stream.failed")
            return "failed"
        return None

    def _page(self) -> int:
        with self._pool.transaction() as conn:
            if self.position is None:
                self._complete_after = self.position = outbox.newest(conn)
                return 0
            found = outbox.read_all(conn, after=self.position, most=PAGE)
            newest = found[-1].position if found else outbox.newest(conn)
        if self._loop is not None and (found or newest < self.position):
            # One page at a time is in the event loop's hands, however fast the database is.
            step = self._give(found) if found else self._go_back(newest)
            asyncio.run_coroutine_threadsafe(step, self._loop).result(_HANDING_SECONDS)
        return len(found)

    async def _go_back(self, newest: int) -> None:
        """The database was restored, or a standby without its last moments took over: positions are given once more."""
        log.error("positions that were told of are gone", action="stream.set_back", count=(self.position or 0) - newest)
        self._recent.clear()
        self._complete_after = self.position = newest
        self._begin_anew()

    async def _give(self, found: Sequence[Told]) -> None:
        # A page that was handed over too late is read once more.
        fresh = [told for told in found if told.position > (self.position or 0)]
        for told in fresh:
            if len(self._recent) == self._recent.maxlen:
                self._complete_after = self._recent[0].position
            self._recent.append(told)
        if fresh:
            self.position = fresh[-1].position
            await self._hand_out(fresh)
