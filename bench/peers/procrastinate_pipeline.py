"""The peer that keeps its queue in PostgreSQL: procrastinate, one job an event, the same work as the naive pipeline.

Worker: python -m bench.peers.procrastinate_pipeline    (as many as there are cores; each takes several jobs at once)
"""

import asyncio
import os

from procrastinate import App, PsycopgConnector
from psycopg_pool import ConnectionPool

from bench.peers import naive_work

QUEUE = "bench"
TASK = "naive.process"
_JOBS_AT_ONCE = 4


def build(database_url: str) -> tuple[App, "ConnectionPool[naive_work.Connection]"]:
    """The application and the pool that its tasks work with; both are to be opened by the caller."""
    pool: ConnectionPool[naive_work.Connection] = ConnectionPool(
        database_url, min_size=_JOBS_AT_ONCE, max_size=_JOBS_AT_ONCE, open=False
    )
    app = App(connector=PsycopgConnector(conninfo=database_url, max_size=_JOBS_AT_ONCE + 2))

    @app.task(name=TASK, queue=QUEUE)  # type: ignore[untyped-decorator]
    def process(row_id: int) -> None:
        with pool.connection() as conn:
            naive_work.carry(conn, row_id)

    return app, pool


async def serve(database_url: str) -> None:
    """Run jobs until told to stop. A plain function runs in a thread, so several jobs wait for PostgreSQL at once."""
    app, pool = build(database_url)
    with pool:
        pool.wait(30)
        async with app.open_async():
            await app.run_worker_async(queues=[QUEUE], concurrency=_JOBS_AT_ONCE)


if __name__ == "__main__":
    asyncio.run(serve(os.environ["BENCH_DATABASE_URL"]))
