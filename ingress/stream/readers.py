"""All streams of this process: each notice goes to those who hear it, and those in crisis are served first."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

from ingress.api.problems import Problem
from ingress.stream import frames
from ingress.stream.audience import Audience
from ingress.stream.reader import Ending, Reader
from shared.outbox import Told
from shared.rules.sync_capacity import share
from shared.rules.sync_operations import KIND, is_urgent
from shared.rules.sync_pace import told_by, wait_seconds

# Streams woken in one turn of the event loop, before others get their turn.
CAPACITY = 200
MOST_OF_ONE = 20  # streams of one person; a service may hold any number
_RETRY_SECONDS = "30"


class Readers:
    """Touched by the event loop alone."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_recipient: dict[str, set[Reader]] = defaultdict(set)
        self._of_all: set[Reader] = set()
        self._by_name: Counter[str] = Counter()
        self._urgent: dict[Reader, None] = {}
        self._others: dict[Reader, None] = {}
        self._turning: asyncio.Task[None] | None = None
        self.sent = 0
        self.ended: Counter[str] = Counter()

    def __len__(self) -> int:
        return self._by_name.total()

    def admit(self, audience: Audience) -> None:
        """Raises Problem when there are too many. To be followed by `leave`."""
        is_over = audience.recipients is not None and self._by_name[audience.name] >= MOST_OF_ONE
        if is_over and audience.name.startswith("person:"):
            raise Problem("TOO_MANY_STREAMS", "close some of yours", headers={"Retry-After": _RETRY_SECONDS})
        if len(self) >= self._most:
            raise Problem("TOO_MANY_STREAMS", headers={"Retry-After": _RETRY_SECONDS})
        self._by_name[audience.name] += 1

    def leave(self, audience: Audience, why: Ending) -> None:
        self._by_name[audience.name] -= 1
        if self._by_name[audience.name] <= 0:
            del self._by_name[audience.name]
        self.ended[why] += 1

    def attach(self, reader: Reader) -> None:
        for place in self._places(reader):
            place.add(reader)

    def detach(self, reader: Reader) -> None:
        reader.forget_timer()
        self._urgent.pop(reader, None)
        self._others.pop(reader, None)
        for place in self._places(reader):
            place.discard(reader)
        for recipient in reader.audience.recipients or ():
            if not self._by_recipient[recipient]:
                del self._by_recipient[recipient]

    def tell(self, notices: Sequence[Told]) -> None:
        """Put each into the queues of those who hear it; written once, whoever many hear it."""
        for told in notices:
            hearing = [reader for reader in self._hearing(told) if reader.audience.hears_notice(told)]
            if not hearing:
                continue
            written = frames.of(told)
            for reader in hearing:
                if reader.offer(told.position, written):
                    self._schedule(reader, told)

    async def hand_out(self, notices: Sequence[Told]) -> None:
        """As `tell`; on return all who heard something have had their turn, so that a flood fills no queue."""
        try:
            self.tell(notices)
        except Exception:
            # Who was not reached would miss it: all come again, and go on from where they were.
            self.end_all("stopping")
            raise
        if self._turning is not None:
            await self._turning

    def end_all(self, why: Ending) -> None:
        for reader in {*self._of_all, *(one for several in self._by_recipient.values() for one in several)}:
            reader.end(why)

    def _places(self, reader: Reader) -> Iterator[set[Reader]]:
        if reader.audience.recipients is None:
            yield self._of_all
        else:
            for recipient in reader.audience.recipients:
                yield self._by_recipient[recipient]

    def _hearing(self, told: Told) -> Iterator[Reader]:
        yield from self._by_recipient.get(told.recipient, ())
        yield from self._of_all

    def _schedule(self, reader: Reader, told: Told) -> None:
        """At once, or when its pace lets it; what is urgent takes along what waited before it, so order holds."""
        if reader.pace is not None and told.kind == KIND:
            reader.pace = told_by(told.data) or reader.pace
        if is_urgent(told.kind, told.data):
            self._ready(reader, self._urgent)
            return
        pace = reader.pace
        priority = str(told.data.get("priority")) if told.kind == KIND else ""
        seconds = 0 if pace is None else wait_seconds(pace, priority, reader.waiting)
        if seconds == 0:
            self._ready(reader, self._others)
        elif reader.timer is None:
            loop = asyncio.get_running_loop()
            reader.timer = loop.call_later(seconds, self._ready, reader, self._others)

    def _ready(self, reader: Reader, place: dict[Reader, None]) -> None:
        if reader not in self._urgent:
            place[reader] = None
        if self._turning is None or self._turning.done():
            self._turning = asyncio.get_running_loop().create_task(self._turn())

    async def _turn(self) -> None:
        """Wake those who have something, so many at a time."""
        while self._urgent or self._others:
            for reader in self._urgent:
                self._others.pop(reader, None)
            now = share(urgent=len(self._urgent), others=len(self._others), capacity=CAPACITY)
            for place, count in ((self._urgent, now.urgent), (self._others, now.others)):
                for reader in list(islice(place, count)):
                    del place[reader]
                    reader.wake.set()
            await asyncio.sleep(0)
