"""What the front is made of beside the application: each a part that some doors have."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from ingress import wsgi


class Transport(Protocol):
    """An answer that goes on until this is let go of. What is not read yet, granian 2.8 keeps without bound."""

    async def send_bytes(self, data: bytes) -> None: ...


class Http(Protocol):
    """What we use of granian's RSGI protocol; iterating ends early, without an error, when the client goes away.

    Not to be called for the whole body: granian would hold each of its pieces in a buffer that may be much larger.
    """

    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def client_disconnect(self) -> None: ...
    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None: ...
    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Transport: ...


class Part(Protocol):
    def open(self, loop: asyncio.AbstractEventLoop) -> None: ...
    def close(self) -> None: ...


class Express(Part, Protocol):
    """The route for POST on `path`; its waits are bounded by itself. `may_keep`: not what could only be refused."""

    path: str

    def may_keep(self, headers: wsgi.Headers) -> bool: ...
    async def answer(self, scope: wsgi.Scope, body: bytes, *, too_large: bool) -> wsgi.Answer: ...


class Ahead(Part, Protocol):
    """Finds on the event loop what a request will need; with that, the application answers it there and never waits."""

    async def find(self, scope: wsgi.Scope) -> wsgi.Environ | None: ...


class Live(Part, Protocol):
    """Sends the application's answer again whenever it has changed, for as long as the client listens.

    `ask` is the request as the application answers it now. What `run` gives is to be answered instead of a stream.
    """

    def suits(self, scope: wsgi.Scope) -> bool: ...
    async def run(
        self, scope: wsgi.Scope, http: Http, ask: Callable[[], Awaitable[wsgi.Answer]]
    ) -> wsgi.Answer | None: ...
