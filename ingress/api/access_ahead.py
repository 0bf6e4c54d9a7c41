"""Asks on the event loop what the access call will need: where all is as usual, no thread has to be woken for it.

As usual is a caller known lately, a connection at hand and an answer at once. All else is left to the threads, which
have answers for worse times too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import DictRow

from ingress import wsgi
from ingress.api.credentials import Credentials
from ingress.api.principals import Principal
from ingress.api.problems import Problem
from shared import access
from shared.access import Reading
from shared.deadlines import Deadlines
from shared.errors import TransientError
from shared.user_ids import is_user_id

KNOWN = "carelane.access_known"  # in the environ of the request
PATH = "/api/access/"

Connection = psycopg.AsyncConnection[DictRow]

CONNECTIONS = 2
# A third of the budget of the threads, which have the rest of it (`shared/bounded.py`).
_WAIT_SECONDS = 0.02
# No answer by then: the connection is given up.
_STRUCK_SECONDS = 1.0
_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """Who asks, and what is known of the person; `reading` is None for somebody nobody told us of."""

    principal: Principal
    reading: Reading | None


class Ahead:
    """One for each event loop, and touched by it alone."""

    def __init__(self, credentials: Credentials, connect: Callable[[], Awaitable[Connection]]) -> None:
        self._credentials = credentials
        self._connect = connect
        self._deadlines = Deadlines()
        self._free: list[Connection] = []
        self._held = 0

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._keeping = loop.create_task(self._keep_connected())

    def close(self) -> None:
        self._keeping.cancel()
        while self._free:
            self._free.pop().pgconn.finish()

    async def find(self, scope: wsgi.Scope) -> wsgi.Environ | None:
        """What the call is to be given; None where a thread should ask. Raises nothing."""
        user_id = _asked(scope)
        principal = None if user_id is None or not self._free else self._principal(scope)
        if user_id is None or principal is None:
            return None
        asking = asyncio.ensure_future(self._ask(self._free.pop(), user_id))
        await asyncio.wait({asking}, timeout=_WAIT_SECONDS)
        row = asking.result() if asking.done() else None
        return None if row is None else {KNOWN: Known(principal, access.reading_of(row or None))}

    def _principal(self, scope: wsgi.Scope) -> Principal | None:
        try:
            return self._credentials.at_once(wsgi.header(scope.headers, "authorization"))
        except (Problem, TransientError):
            return None

    async def _ask(self, conn: Connection, user_id: str) -> dict[str, Any] | None:
        """The row, empty where there is none; None where it could not be had."""
        held = _Held(conn)
        try:
            with self._deadlines.bound(held, _STRUCK_SECONDS):
                row = await (await conn.execute(access.statement(), {"user_id": user_id})).fetchone()
        except Exception:  # noqa: BLE001 - whatever it was: a thread asks the same, and tells what is wrong
            held.close()
            row = None
        else:
            row = row or {}
        if conn.closed:
            self._held -= 1
        else:
            self._free.append(conn)
        return row

    async def _keep_connected(self) -> None:
        while True:
            while self._held < CONNECTIONS and (conn := await self._connected()) is not None:
                self._held += 1
                self._free.append(conn)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _connected(self) -> Connection | None:
        try:
            return await self._connect()
        except (psycopg.Error, OSError):
            return None


@dataclass(frozen=True, slots=True)
class _Held:
    """A connection as `Deadlines` takes it: closed at once, without waiting for the event loop."""

    conn: Connection

    def fileno(self) -> int:
        return self.conn.fileno()

    def close(self) -> None:
        self.conn.pgconn.finish()


def _asked(scope: wsgi.Scope) -> str | None:
    user_id = scope.path.removeprefix(PATH)
    if scope.method != "GET" or user_id == scope.path or "/" in user_id or not is_user_id(user_id):
        return None
    return user_id
