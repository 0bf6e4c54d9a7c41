"""The server front (RSGI): reads each body on the event loop, bounded in bytes and time, then calls WSGI in a thread.

One route may be express: what is short enough for it is answered on the event loop itself.

A slow client so costs a socket and never a thread: servers that read the body in the worker's thread stand still when
as many slow bodies are open as there are threads. The measurement: docs/decisions/0008-a-front-that-buffers.md
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from ingress import wsgi
from ingress.front_threads import Group, Threads
from ingress.limit import Limit
from shared import pulse

# In the environ of a request: that its body was over the limit and not kept; when it was here, on the monotonic clock.
TOO_LARGE, BEGAN = "carelane.body_too_large", "carelane.began"

# Answered on the event loop: it says that this process turns, whatever its threads wait for. Behind requests that wait
# for a database that is away, it would have the process restarted for nothing.
_ALIVE_PATH = "/healthz"
_ALIVE = wsgi.Answer(200, [("content-type", "application/json")], b'{"alive":true}')

# After a body over the limit is answered, this much more is read and thrown away: a connection closed on unread bytes
# is reset, and the client may never see the answer.
_DISCARDED_PER_LIMIT = 16


class Http(Protocol):
    """What we use of granian's RSGI protocol; iterating ends early, without an error, when the client goes away."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is `apart` never waits for what other requests wait for; the first group whose path it has takes it."""

    threads: int
    max_body_bytes: int
    body_timeout_seconds: float = 10.0
    answer_timeout_seconds: float = 5.0
    waiting_per_thread: int = 60
    apart: tuple[Group, ...] = ()


class Express(Protocol):
    """The route for POST on `path` with bodies of up to `most_bytes`; its waits are bounded by itself."""

    path: str
    most_bytes: int

    def open(self, loop: asyncio.AbstractEventLoop) -> None: ...
    async def answer(self, headers: wsgi.Headers, body: bytes) -> wsgi.Answer: ...


class Front:
    """One for each process.

    `refusal` renders the front's own codes: BODY_TIMEOUT BODY_INCOMPLETE PROCESSING_ERROR. `beat` is called every
    second for as long as the event loop turns.
    """

    def __init__(  # noqa: PLR0913 - what a door's process is made of, named where it is called
        self,
        app: wsgi.Application,
        limits: Limits,
        *,
        express: Express | None = None,
        refusal: Callable[[str], wsgi.Answer],
        beat: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self._app = app
        self._limits = limits
        self._express = express
        self._refusal = refusal
        self._beat = beat
        self._close = close

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads = Threads(
            Group(
                threads=self._limits.threads,
                answer_timeout_seconds=self._limits.answer_timeout_seconds,
                waiting_per_thread=self._limits.waiting_per_thread,
            )
        )
        self._apart = [Threads(group) for group in self._limits.apart]
        self._body_limit = Limit(loop, self._limits.body_timeout_seconds)
        if self._express is not None:
            self._express.open(loop)
        self._beating = loop.create_task(self._beat_on())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beating.cancel()
        for threads in (self._threads, *self._apart):
            threads.close()
        self._close()

    async def __rsgi__(self, scope: wsgi.Scope, http: Http) -> None:
        if scope.path == _ALIVE_PATH and scope.method in {"GET", "HEAD"}:
            self._send(http, _ALIVE)
            return
        declared = scope.headers.get("content-length")
        pieces = aiter(http)  # granian lets a body be iterated once
        try:
            with self._body_limit.wait():
                body = await self._read(pieces, declared)
        except TimeoutError:
            self._send(http, self._refusal("BODY_TIMEOUT"), ends=True)
            return
        if body is None:
            self._send(http, await self._answer(scope, b"", too_large=True), ends=True)
            await self._discard(pieces)
        elif declared is not None and len(body) != int(declared):
            self._send(http, self._refusal("BODY_INCOMPLETE"), ends=True)
        else:
            self._send(http, await self._answer(scope, body, too_large=False))

    async def _beat_on(self) -> None:
        """Show that the event loop turns."""
        while True:
            self._beat()
            await asyncio.sleep(pulse.EVERY_SECONDS)

    async def _read(self, pieces: AsyncIterator[bytes], declared: str | None) -> bytes | None:
        """The body, or None as soon as it is known to be over the limit."""
        limit = self._limits.max_body_bytes
        if declared is not None and int(declared) > limit:
            return None
        body = bytearray()
        while (piece := await _next(pieces)) is not None:
            if len(body) + len(piece) > limit:
                return None
            body += piece
        return bytes(body)

    async def _answer(self, scope: wsgi.Scope, body: bytes, *, too_large: bool) -> wsgi.Answer:
        express, threads = self._express, self._threads_of(scope.path)
        try:
            if express is not None and not too_large and _suits(scope, body, express):
                return await express.answer(scope.headers, body)
            variables = wsgi.environ(scope, body) | {TOO_LARGE: too_large, BEGAN: time.monotonic()}
            return await threads.call(self._app, variables)
        except TimeoutError:
            pass
        except Exception:  # noqa: BLE001 - whatever the application raised, the caller is owed an answer
            structlog.get_logger(__name__).exception("a request failed", action="front.failed")
        instead = threads.group.instead
        return self._refusal("PROCESSING_ERROR") if instead is None else instead()

    def _threads_of(self, path: str) -> Threads:
        return next((threads for threads in self._apart if path.startswith(threads.group.paths)), self._threads)

    @staticmethod
    def _send(http: Http, answer: wsgi.Answer, *, ends: bool = False) -> None:
        closing = [("connection", "close")] if ends else []
        http.response_bytes(answer.status, answer.headers + closing, answer.body)

    async def _discard(self, pieces: AsyncIterator[bytes]) -> None:
        left = self._limits.max_body_bytes * _DISCARDED_PER_LIMIT
        try:
            with self._body_limit.wait():
                while left > 0 and (piece := await _next(pieces)) is not None:
                    left -= len(piece)
        except TimeoutError:
            return


def _suits(scope: wsgi.Scope, body: bytes, express: Express) -> bool:
    return scope.path == express.path and scope.method == "POST" and len(body) <= express.most_bytes


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    """The next piece, or None at the end."""
    # Not `anext(pieces, None)`: at a body's end that kills granian 2.8's worker process.
    try:
        return await anext(pieces)
    except StopAsyncIteration:
        return None
