"""The access call, asked at moments of chance over kept connections; each answer must be 200 and help in danger."""

import json
import random
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.exchange import Exchanged, connect, exchange
from shared.rules.tiers import CRISIS_SET

# More than are ever under way at once: a call that takes long must delay no other.
_CONNECTIONS = 16
_SEED = 21


class NoHelp(RuntimeError):
    """An answer was not 200, or withheld what helps in danger: a figure of it would be worth nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """`asked_at` is on the monotonic clock."""

    asked_at: float
    seconds: float
    is_degraded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whom a caller asks about, at which door, as whom."""

    port: int
    people: Sequence[str]
    bearer: str = field(repr=False)

    def connect(self) -> socket.socket:
        return connect("127.0.0.1", self.port)

    def ask(self, connection: socket.socket, person: str) -> Exchanged:
        head = f"GET /api/access/{person} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        return exchange(connection, f"{head}Authorization: Bearer {self.bearer}\r\n\r\n".encode())

    def once(self, person: str) -> Answered:
        with self.connect() as connection:
            return judged(self.ask(connection, person))


def judged(exchanged: Exchanged) -> Answered:
    """Raises NoHelp."""
    found = json.loads(exchanged.body) if exchanged.is_ok else {}
    if not set(CRISIS_SET) <= set(found.get("features", ())):
        raise NoHelp(exchanged.answer[:500].decode(errors="replace"))
    return Answered(exchanged.asked_at, exchanged.seconds, found["degraded"])


@contextmanager
def calling(asking: Asking, *, per_second: float) -> Iterator[list[Answered]]:
    """Ask until the block's end; its answers are in the list after it, in no order."""
    over, moments, answers = threading.Event(), _Moments(asking.people, per_second), list[Answered]()
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        asked = [pool.submit(_ask_on_one_connection, asking, moments, over) for _ in range(_CONNECTIONS)]
        try:
            yield answers
        finally:
            over.set()
    # Only now: reading the answers meanwhile would delay the calls that are under way.
    for one in asked:
        answers += map(judged, one.result())


class _Moments:
    """Hands out the next moment, and whom to ask about then, to whoever comes first."""

    def __init__(self, people: Sequence[str], per_second: float) -> None:
        self._people, self._per_second = people, per_second
        self._chance, self._lock = random.Random(_SEED), threading.Lock()  # noqa: S311 - no secret
        self._at = time.monotonic()

    def next(self) -> tuple[float, str]:
        with self._lock:
            self._at += self._chance.expovariate(self._per_second)
            return self._at, self._chance.choice(self._people)


def _ask_on_one_connection(asking: Asking, moments: _Moments, over: threading.Event) -> list[Exchanged]:
    found = []
    with asking.connect() as connection:
        while not over.is_set():
            at, person = moments.next()
            time.sleep(max(0.0, at - time.monotonic()))
            found.append(asking.ask(connection, person))
    return found
