"""A request as granian hands it to the front: its scope, and a protocol whose body arrives in pieces."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class FakeHeaders:
    """`unreadable` names were sent with a value that is not ASCII: granian lists them and gives no value."""

    pairs: list[tuple[str, str]]
    unreadable: list[str] = field(default_factory=list)

    def keys(self):
        return [name for name, _ in self.pairs] + self.unreadable

    def items(self):
        return self.pairs

    def get(self, name, default=None):
        return next((value for key, value in self.pairs if key == name), default)

    def __contains__(self, name):
        return name in self.keys()


@dataclass
class FakeScope:
    headers: FakeHeaders
    method: str = "POST"
    path: str = "/"
    query_string: str = ""
    http_version: str = "1.1"
    scheme: str = "http"
    client: str = "127.0.0.1:50000"
    server: str = "127.0.0.1:8000"


@dataclass
class FakeHttp:
    """`stalls` never sends the rest; without it the iteration ends after the last piece, as it does on a disconnect.

    Like granian's, it can be iterated once.
    """

    pieces: list[bytes]
    stalls: bool = False
    taken: int = 0
    iterated: bool = False
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)

    def __aiter__(self):
        assert not self.iterated
        self.iterated = True
        return self._pieces()

    async def _pieces(self):
        while self.taken < len(self.pieces):
            self.taken += 1
            yield self.pieces[self.taken - 1]
        if self.stalls:
            await asyncio.Event().wait()

    def response_bytes(self, status, headers, body):
        self.answers.append((status, dict(headers), body))
