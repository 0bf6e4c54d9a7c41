"""A time limit that many short waits of the event loop share: one sweep for all, where asyncio sets a timer for each.

For a request that waits twice, timers of its own are a tenth of all it costs. A wait may end a tenth too late.
"""

import asyncio
from types import TracebackType
from typing import Any, Self


class Limit:
    """One for each event loop and length: `with limit.wait():` raises TimeoutError when what it awaits takes longer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._waits: dict[Wait, None] = {}  # all are equally long: the first to begin is the first to end
        self._sweeping = False

    def wait(self) -> "Wait":
        wait = Wait(self._waits, asyncio.current_task(self._loop), self._loop.time() + self._seconds)
        self._waits[wait] = None
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(self._seconds / 10, self._sweep)
        return wait

    def _sweep(self) -> None:
        now = self._loop.time()
        for wait in list(self._waits):
            if wait.ends > now:
                break
            wait.end()
        self._sweeping = bool(self._waits)
        if self._sweeping:
            self._loop.call_later(self._seconds / 10, self._sweep)


class Wait:
    __slots__ = ("_others", "_struck", "_task", "ends")

    def __init__(self, others: "dict[Wait, None]", task: "asyncio.Task[Any] | None", ends: float) -> None:
        self._others = others
        self._task = task
        self._struck = False
        self.ends = ends

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._others.pop(self, None)
        if self._struck and self._task is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def end(self) -> None:
        """Cancel what is awaited; it is met within the block, for only there does its task wait."""
        self._others.pop(self, None)
        self._struck = True
        if self._task is not None:
            self._task.cancel()
