"""The stream door (ASGI): `GET /api/stream`, health, readiness and metrics; one task for each stream, no thread."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from ingress.api.problems import Problem, of_error, of_status
from ingress.stopping import on_stopping
from ingress.stream.admission import Admission, Admitted, Request, cursor
from ingress.stream.feed import Feed
from ingress.stream.joining import Joining
from ingress.stream.metrics import exposition
from ingress.stream.reader import Ending
from ingress.stream.readers import Readers
from ingress.stream.streaming import Message, Receive, Send, Stream
from ingress.wsgi import Answer
from shared import pulse
from shared.db import Connection
from shared.errors import CarelaneError, TransientError

T = TypeVar("T")
PATH = "/api/stream"
_THREADS = 4
_STOPPING_SECONDS = 5.0
_ADMITTING_SECONDS = 10.0
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a stream door is made of."""

    feed: Feed
    readers: Readers
    admission: Admission
    transaction: Callable[[], AbstractContextManager[Connection]]
    kept_days: int
    beat: Callable[[], None]
    close: Callable[[], None]


class StreamDoor:
    """One for each process."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stream")
        self._joining = Joining(parts.feed, parts.readers, self._ask, kept_days=parts.kept_days)
        self._ending: asyncio.Task[None] | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        self._parts.feed.open(loop)
        on_stopping(lambda: loop.call_soon_threadsafe(self._begin_to_end))
        beating = asyncio.ensure_future(self._beat_on())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._end_all()
        beating.cancel()
        await loop.run_in_executor(None, self._parts.close)
        self._threads.shutdown(wait=False, cancel_futures=True)
        await send({"type": "lifespan.shutdown.complete"})

    async def _beat_on(self) -> None:
        while True:
            self._parts.beat()
            await asyncio.sleep(pulse.EVERY_SECONDS)

    def _begin_to_end(self) -> None:
        self._ending = self._ending or asyncio.ensure_future(self._end_all())

    async def _end_all(self) -> None:
        """Each is told, so that it comes again at once, to the process that takes this one's place."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _STOPPING_SECONDS
        while len(self._parts.readers) and loop.time() < until:
            self._parts.readers.end_all("stopping")
            await asyncio.sleep(0.05)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if path == PATH and method == "GET":
            await self._stream(_request(scope), receive, send)
        elif path in {PATH, "/healthz", "/readyz", "/metrics"} and method != "GET":
            answer = of_status(405)
            await _answer(send, Answer(answer.status, [*answer.headers, ("allow", "GET")], answer.body))
        elif path == "/healthz":
            await _answer(send, Answer(200, [("content-type", "application/json")], b'{"alive":true}'))
        elif path == "/readyz":
            await _answer(send, await self._ready())
        elif path == "/metrics":
            await _answer(send, exposition(self._parts.readers))
        else:
            await _answer(send, of_status(404))

    async def _ready(self) -> Answer:
        try:
            if self._parts.feed.position is None:
                raise TransientError("nothing was read yet", code="not_ready")
            await self._ask(lambda conn: conn.execute("SELECT 1"))
        except (CarelaneError, TimeoutError):
            return Problem("NOT_READY").answer()
        return Answer(200, [("content-type", "application/json")], b'{"ready":true}')

    async def _stream(self, request: Request, receive: Receive, send: Send) -> None:
        parts = self._parts
        admitted = await self._admit(request)
        if isinstance(admitted, Answer):
            await _answer(send, admitted)
            return
        stream = Stream(
            admitted,
            feed=parts.feed,
            send=send,
            why_no_more=lambda: self._why_no_more(request.authorization),
        )
        try:
            await stream.run(request, receive, self._joining, parts.readers)
        except CarelaneError as error:
            log.info("a stream could not go on", action="stream.ended", code=error.code)
        finally:
            parts.readers.leave(admitted.audience, stream.reader.ending or "gone")

    async def _admit(self, request: Request) -> Admitted | Answer:
        """Or why not."""
        if self._parts.feed.position is None:
            return Problem("NOT_READY").answer()
        try:
            cursor(request.last_event_id)
            admitted = await self._in_thread(lambda: self._parts.admission.admit(request))
            self._parts.readers.admit(admitted.audience)
        except Problem as problem:
            return problem.answer()
        except TimeoutError:
            return Problem("UNAVAILABLE").answer()
        except CarelaneError as error:
            return of_error(error).answer()
        return admitted

    async def _why_no_more(self, authorization: str | None) -> Ending | None:
        try:
            return await self._in_thread(lambda: self._parts.admission.why_no_more(authorization))
        except TimeoutError:  # it is asked again
            return None

    async def _ask(self, question: Callable[[Connection], T]) -> T:
        def put() -> T:
            with self._parts.transaction() as conn:
                return question(conn)

        return await self._in_thread(put)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Raises TimeoutError when it takes too long, the wait for a thread included."""
        async with asyncio.timeout(_ADMITTING_SECONDS):
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _request(scope: Message) -> Request:
    headers: dict[bytes, bytes] = dict(scope["headers"])

    def header(name: bytes) -> str | None:
        value = headers.get(name)
        return None if value is None else value.decode("latin-1")

    return Request(header(b"authorization"), scope["query_string"].decode("latin-1"), header(b"last-event-id"))


async def _answer(send: Send, answer: Answer) -> None:
    headers: list[tuple[Any, Any]] = [(name.encode(), value.encode()) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
