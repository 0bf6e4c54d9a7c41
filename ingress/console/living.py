"""Pages that are told what changes (server-sent events): a task of the event loop for each, and a thread while it asks.

A page that renews itself is asked for as browsers without a stream ask for it, with the same cookies. So session, role
and idleness are judged each time by what judges every request, and a stream shows nothing that its page would not.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from granian._granian import RSGIProtocolClosed

from ingress import wsgi
from ingress.console import live_frames
from ingress.console.headers import HEADERS
from ingress.front_parts import Http, Transport
from ingress.stopping import on_stopping

# All that are open ask that often, and the door has eight threads.
MOST_STREAMS = 40
# As long as one reading of the figures serves everybody.
EVERY_SECONDS = 2.0
_HEARTBEAT_SECONDS = 5.0
# granian keeps what is not read, and does not say so: one is cut off by what was sent in all, and comes again.
_MOST_BYTES = 512 * 1024
_FULL = wsgi.Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    [*HEADERS.items(), ("Retry-After", "30"), ("Content-Type", "text/plain")],
    b"As many pages are told as may be; this one asks.\n",
)
_OF_THE_PAGE = {"content-type", "content-length"}
_OF_A_STREAM = [
    ("content-type", live_frames.CONTENT_TYPE),
    # nginx would gather what is to be passed on at once.
    ("x-accel-buffering", "no"),
    # So that its end shows that all of it was read.
    ("connection", "close"),
]
Ask = Callable[[], Awaitable[wsgi.Answer]]


class Living:
    """All streams of this process. Touched by the event loop alone."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._count = 0
        self._stopping = asyncio.Event()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        on_stopping(lambda: loop.call_soon_threadsafe(self._stopping.set))

    def close(self) -> None:
        self._stopping.set()

    def suits(self, scope: wsgi.Scope) -> bool:
        return (
            scope.method == "GET"
            and scope.path.startswith("/console/")
            and scope.path.endswith("/live")
            and live_frames.CONTENT_TYPE in (scope.headers.get("accept") or "")
        )

    async def run(self, scope: wsgi.Scope, http: Http, ask: Ask) -> wsgi.Answer | None:
        if self._count >= self._most or self._stopping.is_set():
            return _FULL
        self._count += 1
        try:
            first = await ask()
            if first.status != HTTPStatus.OK:
                return first
            await self._until_over(http, first, _Stream(ask, last_id=scope.headers.get("last-event-id")))
        finally:
            self._count -= 1
        return None

    async def _until_over(self, http: Http, first: wsgi.Answer, stream: "_Stream") -> None:
        """One who does not read keeps its place until it is gone, so that no more is kept for such than is allowed."""
        over: list[asyncio.Future[object]] = [
            asyncio.ensure_future(_gone(http)),
            asyncio.ensure_future(self._stopping.wait()),
        ]
        headers = [one for one in first.headers if one[0].lower() not in _OF_THE_PAGE]
        try:
            await stream.follow(http.response_stream(HTTPStatus.OK, headers + _OF_A_STREAM), first, over)
            await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        except RSGIProtocolClosed:
            pass
        finally:
            for one in over:
                one.cancel()


class _Stream:
    def __init__(self, ask: Ask, *, last_id: str | None) -> None:
        self._ask = ask
        self._known = last_id
        self._sent_bytes = 0
        self._sent_at = time.monotonic()

    async def follow(self, transport: Transport, answer: wsgi.Answer, over: Sequence[asyncio.Future[object]]) -> None:
        await self._send(transport, live_frames.OPENING)
        while True:
            told = live_frames.told(answer, self._known)
            self._known = told.id
            if told.frame:
                await self._send(transport, told.frame)
            elif time.monotonic() - self._sent_at >= _HEARTBEAT_SECONDS:
                await self._send(transport, live_frames.HEARTBEAT)
            if told.is_last or self._sent_bytes >= _MOST_BYTES:
                return
            done, _ = await asyncio.wait(over, timeout=EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if done:
                return
            answer = await self._ask()

    async def _send(self, transport: Transport, frame: bytes) -> None:
        self._sent_bytes += len(frame)
        self._sent_at = time.monotonic()
        await transport.send_bytes(frame)


async def _gone(http: Http) -> None:
    await http.client_disconnect()
