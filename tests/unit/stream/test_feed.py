"""The feed of a process: what it does when the database has lost what it told of."""

import asyncio
from contextlib import nullcontext
from types import SimpleNamespace

from ingress.stream.feed import Feed
from tests.unit.stream.test_joining import EVERYBODY, Outbox


def test_when_positions_are_given_once_more_all_begin_anew_and_miss_nothing_of_it():
    outbox, heard, begun = Outbox(), [], []
    pool = SimpleNamespace(transaction=lambda: nullcontext(outbox))

    async def hear(page):
        heard.extend(told.position for told in page)

    async def scene():
        feed = Feed(pool, hear, begin_anew=lambda: begun.append(True))
        feed._loop = asyncio.get_running_loop()
        for count in (0, 9):
            outbox.add(count)
            await asyncio.to_thread(feed._page)
        del outbox.rows[6:]
        await asyncio.to_thread(feed._page)
        assert (feed.position, begun, feed.since(0, EVERYBODY)) == (6, [True], [])
        assert not feed.remembers(5)
        outbox.add(2)
        await asyncio.to_thread(feed._page)

    asyncio.run(scene())
    assert heard == [*range(1, 10), 7, 8]
