"""The threads that requests are answered in: one group for all, and groups apart for what must not wait for them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ingress import wsgi


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Threads for what lies under `paths` and for nothing else.

    `instead` is what is answered where the application gives no answer, or none in time; without it that is refused.
    """

    threads: int
    paths: tuple[str, ...] = ()
    answer_timeout_seconds: float = 5.0
    waiting_per_thread: int = 60
    instead: Callable[[], wsgi.Answer] | None = None


class Threads:
    """A group's threads. Touched by the event loop only, so they need no lock."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._executor = ThreadPoolExecutor(group.threads, thread_name_prefix="request")
        self._places = group.threads * (1 + group.waiting_per_thread)
        self.in_hand = 0

    async def call(self, app: wsgi.Application, variables: wsgi.Environ) -> wsgi.Answer:
        """Raises TimeoutError when there is no place to wait or no answer in time, and what the application raised."""
        if self.in_hand >= self._places:
            raise TimeoutError("more requests are in hand than have a place to wait")
        self.in_hand += 1
        try:
            # What still waits for a thread when the time is over is never begun. What was begun may yet be kept:
            # Stripe delivers it again and learns that it is a duplicate.
            async with asyncio.timeout(self.group.answer_timeout_seconds):
                return await asyncio.get_running_loop().run_in_executor(self._executor, wsgi.call, app, variables)
        finally:
            self.in_hand -= 1

    def close(self) -> None:
        self._executor.shutdown()
