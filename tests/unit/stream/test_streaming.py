"""One stream over a connection that a test holds in its hand: what goes over it, and how it ends."""

import asyncio
import time

from ingress.stream.admission import Admitted, Request
from ingress.stream.audience import Audience
from ingress.stream.reader import MOST_WAITING
from ingress.stream.readers import Readers
from ingress.stream.streaming import Stream

MINE = Audience(name="person:p", recipients=frozenset({"person:p"}))
REQUEST = Request(None, "", None)


class Position:
    """A feed that is somewhere."""

    position = 7


class Joined:
    """Joining, when nothing was missed."""

    def __init__(self, readers):
        self._readers = readers

    async def join(self, reader, _after, say):
        self._readers.attach(reader)
        await say(b"opened")


class Connection:
    """`sent` are the bodies; while `is_stuck` the other side reads nothing."""

    def __init__(self):
        self.sent, self.ended, self.is_stuck = [], False, False
        self.gone = asyncio.Event()

    async def send(self, message):
        if self.is_stuck and message.get("more_body"):
            await asyncio.Event().wait()
        self.sent.append(message.get("body", b""))
        self.ended = not message.get("more_body", True)

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def no_reason():
    return None


async def revoked():
    return "revoked"


class Scene:
    def __init__(self, *, good_seconds=3600.0, why=no_reason):
        self.connection, self.readers = Connection(), Readers(10)
        good_until = None if good_seconds is None else time.time() + good_seconds
        self.stream = Stream(Admitted(MINE, good_until), feed=Position, send=self.connection.send, why_no_more=why)
        self.reader = self.stream.reader
        run = self.stream.run(REQUEST, self.connection.receive, Joined(self.readers), self.readers)
        self.task = asyncio.ensure_future(run)

    async def turns(self, count=6):
        for _ in range(count):
            await asyncio.sleep(0)

    def offer(self, position, frame=b"frame"):
        self.reader.offer(position, frame)
        self.reader.wake.set()


def play(scene):
    asyncio.run(scene())


def test_what_is_offered_is_sent():
    async def scene():
        place = Scene()
        await place.turns()
        place.offer(8, b"one")
        place.offer(9, b"two")
        await place.turns()
        assert place.connection.sent[1:] == [b"opened", b"onetwo"]
        place.reader.end("stopping")
        await place.task
        assert place.connection.sent[-1].startswith(b"event: stream:end")
        assert place.connection.ended

    play(scene)


def test_who_reads_nothing_while_much_is_told_is_cut_off_at_once_and_nothing_follows():
    async def scene():
        place = Scene()
        await place.turns()
        place.connection.is_stuck = True
        place.offer(8, b"stuck")
        await place.turns()
        for position in range(9, 9 + MOST_WAITING + 1):
            place.reader.offer(position, b"more")
        await place.task
        assert place.reader.ending == "slow"
        assert place.connection.sent[-2:] == [b"opened", b""]
        assert place.connection.ended

    play(scene)


def test_who_is_gone_is_sent_nothing_more():
    async def scene():
        place = Scene()
        await place.turns()
        place.connection.gone.set()
        await place.task
        assert place.reader.ending == "gone"
        assert not place.connection.ended
        assert not place.readers._by_recipient

    play(scene)


def test_a_token_that_is_over_ends_a_stream_that_always_has_something_to_send():
    async def scene():
        place = Scene(good_seconds=-1.0)
        place.offer(8)
        await place.task
        assert place.reader.ending == "expired"
        assert b'"expired"' in place.connection.sent[-1]

    play(scene)


def test_a_services_token_is_looked_at_again_and_ends_its_stream():
    async def scene():
        place = Scene(good_seconds=None, why=revoked)
        await place.turns()
        place.stream._look_again_at = 0.0
        place.offer(8)
        await place.task
        assert place.reader.ending == "revoked"

    play(scene)


def test_a_large_backlog_goes_out_in_pieces():
    async def scene():
        place = Scene()
        await place.turns()
        for position in range(8, 28):
            place.reader.offer(position, b"x" * 10_000)
        place.reader.wake.set()
        await place.turns(12)
        assert sum(len(piece) for piece in place.connection.sent[2:]) == 200_000
        assert max(len(piece) for piece in place.connection.sent) <= 70_000
        place.reader.end("stopping")
        await place.task

    play(scene)


def test_the_heartbeat_moves_the_id_unless_something_waits():
    async def scene():
        place = Scene()
        await place.turns()
        await place.stream._beat()
        place.reader.offer(8, b"frame")
        await place.stream._beat()
        assert place.connection.sent[-2:] == [b": beat\nid: 7\n\n", b": beat\n\n"]
        place.reader.end("stopping")
        await place.task

    play(scene)
