"""Whoever joins misses nothing and hears nothing twice, whatever is told while they join."""

import asyncio
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ingress.stream.audience import Audience
from ingress.stream.feed import Feed
from ingress.stream.joining import Joining
from ingress.stream.reader import Reader
from ingress.stream.readers import Readers
from shared.outbox import Told

AT = datetime(2026, 3, 10, tzinfo=UTC)
MINE = Audience(name="person:p", recipients=frozenset({"person:p"}))
EVERYBODY = Audience(name="token:s", recipients=None)


class Outbox:
    """What PostgreSQL would hold, and its answers to the questions of shared/outbox.py; every third is mine."""

    def __init__(self, oldest=1):
        self.rows, self.oldest = [], oldest

    def add(self, count):
        for position in range(len(self.rows) + 1, len(self.rows) + count + 1):
            recipient = "person:q" if position % 3 else "person:p"
            self.rows.append(
                {"id": position, "position": position, "kind": "access:updated", "recipient": recipient,
                 "data": {"n": position}, "told_at": AT}
            )  # fmt: skip

    def execute(self, _sql, asked=None):
        if asked is None:
            return Rows([{"newest": len(self.rows)}])
        if "days" in asked:
            return Rows([{"oldest": self.oldest}])
        wanted = asked.get("recipients")
        found = [row for row in self.rows[asked["after"] :] if wanted is None or row["recipient"] in wanted]
        return Rows(found[: asked["most"]])


class Rows(list):
    def fetchone(self):
        return self[0] if self else None


class Scene:
    """A process whose feed follows the outbox step by step, and one reader who joins."""

    def __init__(self, audience=MINE, *, page=4, remembered=5, oldest=1):
        self.outbox, self.readers = Outbox(oldest), Readers(10)
        self.feed = Feed(
            None, self.readers.hand_out, begin_anew=lambda: self.readers.end_all("renew"), remembered=remembered
        )
        self.feed.position = 0
        self.reader, self.said = Reader(audience, 0), b""
        self.between = iter(())
        self._joining = Joining(self.feed, self.readers, self._ask, kept_days=30, page=page)

    async def follow(self):
        """The feed reads all there is."""
        rows = self.outbox.rows[self.feed.position :]
        if rows:
            await self.feed._give([Told(**row) for row in rows])

    async def join(self, after):
        await self._joining.join(self.reader, after, self._say)

    async def heard(self):
        while piece := self.reader.take():
            self.said += piece
        lines = self.said.decode().splitlines()
        return [
            int(line.partition(":")[2].strip("{}").split(":")[1]) for line in lines if line.startswith('data: {"n"')
        ]

    def ids(self):
        return [int(line[4:]) for line in self.said.decode().splitlines() if line.startswith("id: ")]

    async def _ask(self, question):
        answer = question(self.outbox)
        await self._more()
        return answer

    async def _say(self, piece):
        self.said += piece
        await self._more()

    async def _more(self):
        """While the reader waits, so many more are told, and the feed may have read them or not."""
        count, is_followed = next(self.between, (0, True))
        self.outbox.add(count)
        if is_followed:
            await self.follow()


@given(
    before=st.integers(0, 30),
    after=st.integers(0, 30),
    between=st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=12),
    later=st.integers(0, 9),
    audience=st.sampled_from([MINE, EVERYBODY]),
)
def test_no_gap_and_no_duplicate_whatever_is_told_meanwhile(before, after, between, later, audience):
    async def scene():
        place = Scene(audience)
        place.outbox.add(before)
        await place.follow()
        place.between = iter(between)
        start = min(after, before)
        await place.join(start)
        place.outbox.add(later)
        await place.follow()
        mine = [row["position"] for row in place.outbox.rows[start:] if audience.hears(row["recipient"], "", {})]
        assert await place.heard() == mine
        ids = place.ids()
        assert ids == sorted(ids), "cut off anywhere, they come back to where they were"

    asyncio.run(scene())


def test_who_comes_from_a_door_that_is_ahead_hears_nothing_twice():
    async def scene():
        place = Scene()
        place.outbox.add(6)
        await place.follow()
        place.outbox.add(6)
        await place.join(9)
        await place.follow()
        assert await place.heard() == [12]

    asyncio.run(scene())


def test_an_id_beyond_all_that_was_told_is_a_gap():
    async def scene():
        place = Scene()
        place.outbox.add(6)
        await place.follow()
        await place.join(7)
        assert b"event: stream:gap\nid: 6\n" in place.said
        assert b"unknown_id" in place.said

    asyncio.run(scene())


def test_what_is_older_than_what_is_kept_is_a_gap_and_goes_on_from_now():
    async def scene():
        place = Scene(oldest=9)
        place.outbox.add(20)
        await place.follow()
        await place.join(7)
        assert b"retention" in place.said
        place.outbox.add(1)
        await place.follow()
        assert await place.heard() == [21]

    asyncio.run(scene())


def test_who_comes_first_begins_with_now():
    async def scene():
        place = Scene()
        place.outbox.add(5)
        await place.follow()
        await place.join(None)
        assert b"event: stream:open\nid: 5\n" in place.said
        place.outbox.add(1)
        await place.follow()
        assert await place.heard() == [6]

    asyncio.run(scene())
