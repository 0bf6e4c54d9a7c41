"""Keeps arrivals for the event loop: what one turn of it brings is submitted together, what comes back wakes it once.

Waking a thread for each arrival would have it begin with a group of one while the others are still being read.
"""

import asyncio
import contextlib
from collections import deque
from functools import partial

from ingress.limit import Limit
from ingress.webhook.committer import Keeper, Waiting
from shared.arrivals import Arrival
from shared.inbox import Outcome


class OnLoop:
    """One for each event loop."""

    def __init__(self, keeper: Keeper, loop: asyncio.AbstractEventLoop, *, seconds: float) -> None:
        self._keeper = keeper
        self._loop = loop
        self._limit = Limit(loop, seconds)
        self._leaving: list[Waiting] = []
        self._back: deque[tuple[asyncio.Future[Outcome], Outcome]] = deque()
        self._woken = False

    async def keep(self, arrival: Arrival) -> Outcome:
        """Raises TimeoutError; the event may be kept all the same."""
        future: asyncio.Future[Outcome] = self._loop.create_future()
        if not self._leaving:
            self._loop.call_soon(self._submit)
        self._leaving.append(Waiting(arrival, partial(self._hand_back, future)))
        with self._limit.wait():
            return await future

    def _submit(self) -> None:
        leaving, self._leaving = self._leaving, []
        self._keeper.submit(leaving)

    def _hand_back(self, future: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
        """From any thread."""
        self._back.append((future, outcome))
        # Two threads may both wake the loop, which harms nothing. None finds it awake that will not look again: it
        # says that it sleeps before it looks.
        if not self._woken:
            self._woken = True
            with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
                self._loop.call_soon_threadsafe(self._settle)

    def _settle(self) -> None:
        self._woken = False
        while self._back:
            future, outcome = self._back.popleft()
            if not future.done():  # nobody waits any longer
                future.set_result(outcome)
