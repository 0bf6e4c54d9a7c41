"""One stream from its opening to its end: what it missed, what is told, heartbeats, and why it ends."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ingress.stream import frames
from ingress.stream.admission import Admitted, Request, cursor
from ingress.stream.feed import Feed
from ingress.stream.joining import Joining
from ingress.stream.reader import Ending, Reader
from ingress.stream.readers import Readers

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Receive = Callable[[], Awaitable[Message]]

HEARTBEAT_SECONDS = 15.0
# One who takes nothing for so long is cut off: the next connection goes on from what did arrive.
SEND_SECONDS = 10.0
# Then it is opened anew, so that who somebody is to us is looked at again; spread, so that not all come at once.
_LONGEST_SECONDS = 3600.0
_LOOK_AGAIN_SECONDS = 30.0
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    # nginx would gather what is to be passed on at once.
    (b"x-accel-buffering", b"no"),
]
# These are told to the reader; one that is gone or too slow would not read it.
_TOLD: frozenset[Ending] = frozenset({"expired", "revoked", "stopping", "renew"})


class Stream:
    """`why_no_more` looks at the credential once more, in a thread."""

    def __init__(
        self, admitted: Admitted, *, feed: Feed, send: Send, why_no_more: Callable[[], Awaitable[Ending | None]]
    ) -> None:
        self._feed = feed
        self._send = send
        self._why_no_more = why_no_more
        self.reader = Reader(admitted.audience, 0)
        self.reader.on_end = self._hurry
        self._sending: asyncio.Timeout | None = None
        self._is_cut = False
        pace = admitted.audience.pace
        self._heartbeat_seconds = HEARTBEAT_SECONDS if pace is None else pace.heartbeat_seconds
        now = time.monotonic()
        self._look_again_at = now + _LOOK_AGAIN_SECONDS if admitted.good_until is None else float("inf")
        good_seconds = float("inf") if admitted.good_until is None else admitted.good_until - time.time()
        longest_seconds = _LONGEST_SECONDS * random.uniform(0.8, 1.0)  # noqa: S311 - spreads, and guards nothing
        self._ends_at = now + min(good_seconds, longest_seconds)
        self._ends_as: Ending = "expired" if good_seconds <= longest_seconds else "renew"

    async def run(self, request: Request, receive: Receive, joining: Joining, readers: Readers) -> None:
        """Raises nothing that a reader's going away may raise."""
        after = cursor(request.last_event_id)
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        listening = asyncio.ensure_future(_until_gone(receive))
        listening.add_done_callback(lambda _done: self.reader.end("gone"))
        try:
            await joining.join(self.reader, after, self._say)
            await self._follow()
        except TimeoutError:
            self._is_cut = True
            self.reader.end("slow")
        except OSError:
            self._is_cut = True
            self.reader.end("gone")
        finally:
            listening.cancel()
            readers.detach(self.reader)
        await self._close()

    async def _follow(self) -> None:
        reader = self.reader
        while reader.ending is None and not await self._is_over():
            try:
                async with asyncio.timeout(max(0.0, min(self._heartbeat_seconds, self._ends_at - time.monotonic()))):
                    await reader.wake.wait()
            except TimeoutError:
                await self._beat()
                continue
            reader.wake.clear()
            while reader.ending is None and (piece := reader.take()):
                await self._say(piece)

    async def _is_over(self) -> bool:
        """Asked at each turn: one that always has something to send must end as well."""
        now = time.monotonic()
        why: Ending | None = None
        if now >= self._ends_at:
            why = self._ends_as
        elif now >= self._look_again_at:
            self._look_again_at = now + _LOOK_AGAIN_SECONDS
            why = await self._why_no_more()
        if why is not None:
            self.reader.end(why)
        return why is not None

    async def _beat(self) -> None:
        position = max(self.reader.position, self._feed.position or 0)
        # What still waits has not been sent: an id beyond it would skip it.
        await self._say(b": beat\n\n" if self.reader.waiting else frames.heartbeat(position))

    async def _say(self, piece: bytes) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS) as self._sending:
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            self._sending = None

    def _hurry(self) -> None:
        """Who ends for not reading is not waited for."""
        sending = self._sending
        if sending is not None and not sending.expired() and self.reader.ending in {"slow", "gone"}:
            sending.reschedule(asyncio.get_running_loop().time())

    async def _close(self) -> None:
        why = self.reader.ending
        if why == "gone":
            return
        # After a piece that may not have arrived nothing with an id may follow: the reader would go on behind it.
        last = b"" if self._is_cut or why not in _TOLD else frames.ending(why)
        try:
            async with asyncio.timeout(1.0):
                await self._send({"type": "http.response.body", "body": last, "more_body": False})
        except (TimeoutError, OSError):
            return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
