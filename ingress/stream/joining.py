"""Lets a reader in where it left: what it missed from PostgreSQL, the last of it from memory, then what is told now.

No notice falls between: the step from what was missed to what is told now is made in one turn of the event loop.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol, TypeVar

from ingress.stream import frames
from ingress.stream.audience import Audience
from ingress.stream.feed import PAGE, Feed
from ingress.stream.reader import Reader
from ingress.stream.readers import Readers
from shared import outbox
from shared.db import Connection
from shared.outbox import Told

T = TypeVar("T")
Say = Callable[[bytes], Awaitable[None]]
Missing = Literal["retention", "unknown_id"]


class Ask(Protocol):
    """Puts a question to the database, in a thread."""

    async def __call__(self, question: Callable[[Connection], T]) -> T: ...


class Joining:
    """One for each process."""

    def __init__(self, feed: Feed, readers: Readers, ask: Ask, *, kept_days: int, page: int = PAGE) -> None:
        self._feed = feed
        self._readers = readers
        self._ask = ask
        self._kept_days = kept_days
        self._most = page

    async def join(self, reader: Reader, after: int | None, say: Say) -> None:
        """On return the reader is among those who are told."""
        missing = None if after is None else await self._missing(after)
        if after is None or missing is not None:
            reader.position = self._position()
            self._readers.attach(reader)
            await say(frames.opening(reader.position) if missing is None else frames.gap(missing, reader.position))
            return
        reader.position = after
        # Its id is the one they came with: said after what they missed, it would send them back.
        await say(frames.opening(after))
        await self._catch_up(reader, say)
        missed = self._feed.since(reader.position, reader.audience)
        reader.position = max(reader.position, self._position())
        self._readers.attach(reader)
        if missed:
            await say(_written(missed))

    async def _catch_up(self, reader: Reader, say: Say) -> None:
        """Page by page, until the rest is remembered here."""
        while not self._feed.remembers(reader.position):
            until = self._position()
            page = await self._page(reader.audience, reader.position)
            heard = [told for told in page if reader.audience.hears_notice(told)]
            if heard:
                await say(_written(heard))
            last = page[-1].position if page else 0
            reader.position = last if len(page) == self._most else max(until, last, reader.position)

    async def _page(self, audience: Audience, after: int) -> Sequence[Told]:
        recipients = audience.recipients

        def read(conn: Connection) -> list[Told]:
            if recipients is None:
                return outbox.read_all(conn, after=after, most=self._most)
            return outbox.read(conn, sorted(recipients), after=after, most=self._most)

        return await self._ask(read)

    async def _missing(self, after: int) -> Missing | None:
        """Why what came after this cannot be told whole, if it cannot."""
        if self._feed.remembers(after) and after <= self._position():
            return None

        def look(conn: Connection) -> Missing | None:
            if after > outbox.newest(conn):
                return "unknown_id"
            return "retention" if after < outbox.oldest_kept(conn, days=self._kept_days) - 1 else None

        return await self._ask(look)

    def _position(self) -> int:
        return self._feed.position or 0


def _written(notices: Sequence[Told]) -> bytes:
    return b"".join(frames.of(told) for told in notices)
