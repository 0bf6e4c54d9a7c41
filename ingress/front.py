"""The server front (RSGI): reads each body on the event loop, bounded in bytes and time, then calls WSGI in a thread.

One route may be express: what comes for it is answered by the event loop, without a thread for each request.

A slow client so costs a socket and never a thread: servers that read the body in the worker's thread stand still when
as many slow bodies are open as there are threads. The measurement: docs/decisions/0008-a-front-that-buffers.md
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from ingress import wsgi
from ingress.bodies import Reading, Room
from ingress.front_parts import Ahead, Express, Http, Live, Part
from ingress.front_threads import Group, Threads
from ingress.limit import Limit
from shared import pulse

# In the environ of a request: that its body was over the limit and not kept; when it was here, on the monotonic clock.
TOO_LARGE, BEGAN = "carelane.body_too_large", "carelane.began"

# Answered on the event loop: it says that this process turns, whatever its threads wait for. Behind requests that wait
# for a database that is away, it would have the process restarted for nothing.
_ALIVE_PATH = "/healthz"
_ALIVE = wsgi.Answer(200, [("content-type", "application/json")], b'{"alive":true}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is `apart` never waits for what other requests wait for; the first group whose path it has takes it."""

    threads: int
    max_body_bytes: int
    long_bodies_bytes: int = 32 * 1024 * 1024  # what those over bodies.FREE_BYTES may hold together
    body_timeout_seconds: float = 10.0
    answer_timeout_seconds: float = 5.0
    waiting_per_thread: int = 60
    apart: tuple[Group, ...] = ()


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
        ahead: Ahead | None = None,
        live: Live | None = None,
        refusal: Callable[[str], wsgi.Answer],
        beat: Callable[[], None],
        close: Callable[[], None],
    ) -> None:
        self._app = app
        self._limits = limits
        self._express = express
        self._ahead = ahead
        self._live = live
        self._parts: list[Part] = [part for part in (express, ahead, live) if part is not None]
        self._refusal = refusal
        self._beat = beat
        self._close = close
        self._room = Room(max(limits.long_bodies_bytes, 2 * limits.max_body_bytes))

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
        for part in self._parts:
            part.open(loop)
        self._beating = loop.create_task(self._beat_on())

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._beating.cancel()
        for part in self._parts:
            part.close()
        for threads in (self._threads, *self._apart):
            threads.close()
        self._close()

    async def __rsgi__(self, scope: wsgi.Scope, http: Http) -> None:
        if scope.path == _ALIVE_PATH and scope.method in {"GET", "HEAD"}:
            self._send(http, _ALIVE)
            return
        if self._live is not None and self._live.suits(scope):
            await self._go_on(self._live, scope, http)
            return
        if _has_no_body(scope):
            self._send(http, await self._answer(scope, b"", too_large=False))
            return
        reading = Reading(http, self._room, self._limits.max_body_bytes, is_kept=partial(_keeps, self._express, scope))
        try:
            await self._read_and_answer(scope, http, reading)
        finally:
            reading.release()

    async def _read_and_answer(self, scope: wsgi.Scope, http: Http, reading: Reading) -> None:
        try:
            with self._body_limit.wait():
                end = await reading.fill(scope.headers)
        except TimeoutError:
            self._send(http, self._refusal("BODY_TIMEOUT"), ends=True)
            return
        if end == "whole":
            self._send(http, await self._answer(scope, reading.content, too_large=False))
        elif end == "incomplete":
            self._send(http, self._refusal("BODY_INCOMPLETE"), ends=True)
        else:
            reading.release()
            full = end == "no_room"
            answer = self._refusal("PROCESSING_ERROR") if full else await self._answer(scope, b"", too_large=True)
            self._send(http, answer, ends=True)
            await self._discard(reading)

    async def _go_on(self, live: Live, scope: wsgi.Scope, http: Http) -> None:
        """A body is not read: what is asked again and again has none."""
        instead = await live.run(scope, http, partial(self._answer, scope, b"", too_large=False))
        if instead is not None:
            self._send(http, instead, ends=True)

    async def _beat_on(self) -> None:
        """Show that the event loop turns."""
        while True:
            self._beat()
            await asyncio.sleep(pulse.EVERY_SECONDS)

    async def _answer(self, scope: wsgi.Scope, body: bytes, *, too_large: bool) -> wsgi.Answer:
        express, threads = self._express, self._threads_of(scope.path)
        try:
            if express is not None and _suits(scope, express):
                return await express.answer(scope, body, too_large=too_large)
            variables = wsgi.environ(scope, body) | {TOO_LARGE: too_large, BEGAN: time.monotonic()}
            known = None if self._ahead is None or too_large else await self._ahead.find(scope)
            if known is not None:
                return wsgi.call(self._app, variables | known)
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

    async def _discard(self, reading: Reading) -> None:
        with contextlib.suppress(TimeoutError), self._body_limit.wait():
            await reading.discard()


def _has_no_body(scope: wsgi.Scope) -> bool:
    """By its head alone (RFC 9112, 6.3): to ask the server for one costs a turn of the event loop."""
    is_told = "content-length" in scope.headers or "transfer-encoding" in scope.headers
    return scope.http_version.startswith("1") and not is_told


def _suits(scope: wsgi.Scope, express: Express | None) -> bool:
    return express is not None and scope.path == express.path and scope.method == "POST"


def _keeps(express: Express | None, scope: wsgi.Scope) -> bool:
    """Beside an express route there is no other that takes a body."""
    return express is None or (_suits(scope, express) and express.may_keep(scope.headers))
