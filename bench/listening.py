"""Many streams held by one process, and when each event arrived on them."""

import asyncio
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import jwt
import orjson

_HOUR_SECONDS = 3600
_AT_ONCE = 50
_OPENING_SECONDS = 20.0
_LIMIT_BYTES = 64 * 1024
_FILES_BESIDE = 500
JWT_SECRET = "a secret of the bench alone, of 32 bytes or more"  # noqa: S105 - it opens nothing but what is measured


def allow_files(streams: int) -> None:
    """Each stream is a file here too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(streams + _FILES_BESIDE, hard)), hard))


def person(number: int) -> str:
    return f"person-{number}"


def token(user_id: str) -> str:
    claims = {"sub": user_id, "aud": "authenticated", "exp": int(time.time()) + _HOUR_SECONDS}
    return jwt.encode(claims, JWT_SECRET, algorithm="HS256")


@dataclass(slots=True)
class Listening:
    """`arrived` by the `n` of each event: when it was read from the socket, on the monotonic clock."""

    port: int
    arrived: dict[int, float] = field(default_factory=dict)
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    async def open(self, users: Iterable[str]) -> None:
        waiting = list(users)
        for start in range(0, len(waiting), _AT_ONCE):
            await asyncio.gather(*(self._open(user_id) for user_id in waiting[start : start + _AT_ONCE]))

    async def heard(self, numbers: Iterable[int], *, seconds: float) -> None:
        """Raises TimeoutError when one of them did not arrive."""
        wanted = set(numbers)
        async with asyncio.timeout(seconds):
            while not wanted <= self.arrived.keys():  # noqa: ASYNC110 - a look now and then disturbs no reader
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _open(self, user_id: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=_LIMIT_BYTES)
        lines = ["GET /api/stream HTTP/1.1", "Host: bench", f"Authorization: Bearer {token(user_id)}", "", ""]
        writer.write("\r\n".join(lines).encode())
        async with asyncio.timeout(_OPENING_SECONDS):
            opening = await reader.readuntil(b"data: {}\n\n")
        if not opening.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a stream was refused: {opening[:200]!r}")
        self._writers.append(writer)
        self._tasks.append(asyncio.get_running_loop().create_task(self._read(reader)))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                self.arrived[orjson.loads(line[6:])["n"]] = time.perf_counter()
