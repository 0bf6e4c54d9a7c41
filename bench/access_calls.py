"""The access call, asked at moments of chance over kept connections; each answer must be 200 and help in danger."""

import http.client
import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

from shared.rules.tiers import CRISIS_SET

_TIMEOUT_SECONDS = 10.0
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

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)

    def ask(self, connection: http.client.HTTPConnection, person: str) -> Answered:
        """From the first byte of the request to the last one of the answer. Raises NoHelp."""
        asked_at = time.monotonic()
        connection.request("GET", f"/api/access/{person}", headers={"Authorization": f"Bearer {self.bearer}"})
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.monotonic() - asked_at
        found = json.loads(body)
        if answer.status != http.HTTPStatus.OK or not set(CRISIS_SET) <= set(found["features"]):
            raise NoHelp(f"{answer.status}: {body[:300]!r}")
        return Answered(asked_at, seconds, found["degraded"])

    def once(self, person: str) -> Answered:
        with closing(self.connection()) as connection:
            return self.ask(connection, person)


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
    for one in asked:
        answers += one.result()


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


def _ask_on_one_connection(asking: Asking, moments: _Moments, over: threading.Event) -> list[Answered]:
    found = []
    with closing(asking.connection()) as connection:
        while not over.is_set():
            at, person = moments.next()
            time.sleep(max(0.0, at - time.monotonic()))
            found.append(asking.ask(connection, person))
    return found
