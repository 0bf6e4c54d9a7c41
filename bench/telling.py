"""Changes as the application makes them: owed, committed, rung for; and the moment of each commit."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence

import psycopg
from psycopg.rows import dict_row

from shared import notices
from shared.waking import Bell

_numbers: Iterator[int] = itertools.count(1)


class Teller:
    """A connection and a bell of its own; `committed` by the `n` of each event, on the monotonic clock."""

    def __init__(self, database_url: str, redis_url: str) -> None:
        self._conn = psycopg.connect(database_url, row_factory=dict_row)
        self._bell = Bell(redis_url)
        self.committed: dict[int, float] = {}

    def tell(self, users: Sequence[str]) -> list[int]:
        """One transaction, one notice to each."""
        made = [next(_numbers) for _ in users]
        for number, user_id in zip(made, users, strict=True):
            notices.owe(
                self._conn, cause=f"bench:{number}", kind="access:updated", recipient=f"person:{user_id}",
                data={"n": number},
            )  # fmt: skip
        self._conn.commit()
        now = time.perf_counter()
        self._bell.ring()
        self.committed.update(dict.fromkeys(made, now))
        return made

    async def tell_on(self, users: Sequence[str], *, per_second: float) -> list[int]:
        """One after the other, at that rate, from a thread: who listens is not kept waiting by who tells."""
        made: list[int] = []
        begun = time.perf_counter()
        for step, user_id in enumerate(users):
            await asyncio.sleep(max(0.0, begun + step / per_second - time.perf_counter()))
            made += await asyncio.to_thread(self.tell, [user_id])
        return made

    def close(self) -> None:
        self._bell.close()
        self._conn.close()
