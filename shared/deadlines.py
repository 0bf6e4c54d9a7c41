"""Ends a wait for a PostgreSQL that neither answers nor closes its connection.

A frozen server's kernel goes on acknowledging our bytes, so neither TCP's time-outs nor the server's own apply; libpq
waits for ever. Shutting the socket down from another thread is what wakes it.
"""

import contextlib
import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import psycopg

from shared.errors import TransientError


class Bindable(Protocol):
    """A connection; `close` waits for nobody."""

    def fileno(self) -> int: ...
    def close(self) -> None: ...


# Waits that ended well are dropped when their time comes; the thread should not wake for each of them.
_LEAST_SLEEP_SECONDS = 0.05


@dataclass(order=True, slots=True)
class _Wait:
    ends: float
    number: int
    descriptor: int = field(compare=False)
    over: bool = field(default=False, compare=False)
    struck: bool = field(default=False, compare=False)


class Deadlines:
    """One for each process and pool; its thread starts with the first wait."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._waits: list[_Wait] = []
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def bound(self, conn: Bindable, seconds: float) -> Iterator[None]:
        """Whatever runs within on this connection fails after so many seconds: TransientError `database_frozen`."""
        wait = self._begin(conn.fileno(), seconds)
        try:
            yield
        except psycopg.Error as error:
            if wait.struck:
                raise TransientError("the database did not answer in time", code="database_frozen") from error
            raise
        finally:
            with self._turn:  # after this no shutdown can strike whoever gets the connection next
                wait.over = True
            if wait.struck:  # in the moment that the answer came: whoever gets it next should find it closed
                conn.close()

    def _begin(self, descriptor: int, seconds: float) -> _Wait:
        with self._turn:
            wait = _Wait(time.monotonic() + seconds, next(self._numbers), descriptor)
            heapq.heappush(self._waits, wait)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="deadlines", daemon=True)
                self._thread.start()
            elif self._waits[0] is wait:
                self._turn.notify()
        return wait

    def _watch(self) -> None:
        with self._turn:
            while True:
                now = time.monotonic()
                while self._waits and (self._waits[0].over or self._waits[0].ends <= now):
                    _strike(heapq.heappop(self._waits))
                sleep = max(self._waits[0].ends - now, _LEAST_SLEEP_SECONDS) if self._waits else None
                self._turn.wait(sleep)


def _strike(wait: _Wait) -> None:
    if wait.over:
        return
    wait.struck = True
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(wait.descriptor)) as ours:
        ours.shutdown(socket.SHUT_RDWR)
