"""Reads one request's body, bounded: in bytes each, and in what all long bodies of this process hold together.

Short bodies need no room of the shared one: the server takes on so many connections and no more, so their sum has a
bound. A flood of long ones can therefore never leave a short one without room.
"""

from collections.abc import AsyncIterator, Callable
from typing import Literal

from ingress import wsgi
from ingress.front_parts import Http

FREE_BYTES = 65_536
# After a body over a bound is answered, this much more is read and thrown away: a connection closed on unread bytes is
# reset, and the client may never see the answer.
_DISCARDED_PER_LIMIT = 16

End = Literal["whole", "incomplete", "too_large", "no_room"]


class Room:
    """What long bodies may hold together. Touched by the event loop only, so it needs no lock."""

    def __init__(self, most_bytes: int) -> None:
        self.left = most_bytes

    def take(self, count: int) -> bool:
        if count > self.left:
            return False
        self.left -= count
        return True


class Reading:
    """One body. `is_kept` is asked when it grows long: what can only be refused is counted, and not held."""

    def __init__(self, http: Http, room: Room, most_bytes: int, *, is_kept: Callable[[], bool]) -> None:
        self._http = http
        self._room = room
        self._most_bytes = most_bytes
        self._is_kept = is_kept
        self._arriving: AsyncIterator[bytes] | None = None
        self._pieces: list[bytes] = []
        self._length = 0
        self._taken = 0
        self._dropped = False

    async def fill(self, headers: wsgi.Headers) -> End:
        """Read to the end, or as far as it is known that the body will not be used."""
        declared = _declared(headers)
        if declared is not None and declared > self._most_bytes:
            return "too_large"
        # To ask for what comes after the last byte would cost a turn of the event loop.
        while self._length != declared and (piece := await self._next()) is not None:
            self._length += len(piece)
            if self._length > self._most_bytes:
                return "too_large"
            if not self._hold(piece):
                return "no_room"
        return "whole" if declared in {None, self._length} else "incomplete"

    @property
    def content(self) -> bytes:
        """Empty when it was not to be kept."""
        return b"".join(self._pieces)

    async def discard(self) -> None:
        left = self._most_bytes * _DISCARDED_PER_LIMIT
        while left > 0 and (piece := await self._next()) is not None:
            left -= len(piece)

    def release(self) -> None:
        self._pieces.clear()
        self._room.left += self._taken
        self._taken = 0

    async def _next(self) -> bytes | None:
        """The next piece, or None at the end."""
        if self._arriving is None:  # granian lets a body be iterated once
            self._arriving = aiter(self._http)
        # Not `anext(pieces, None)`: at a body's end that kills granian 2.8's worker process.
        try:
            return await anext(self._arriving)
        except StopAsyncIteration:
            return None

    def _hold(self, piece: bytes) -> bool:
        if self._length > FREE_BYTES and not self._dropped:
            if self._taken == 0 and not self._is_kept():
                self._dropped = True
                self.release()
            elif self._room.take(len(piece)):
                self._taken += len(piece)
            else:
                return False
        if not self._dropped:
            self._pieces.append(piece)
        return True


def _declared(headers: wsgi.Headers) -> int | None:
    """How long the body is; None where its head does not say, or says so beside another framing (RFC 9112, 6.3)."""
    length = headers.get("content-length")
    return None if length is None or "transfer-encoding" in headers else int(length)
