"""The references of the draining: naive Celery and procrastinate, on the same events, released at once as well."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import redis
from psycopg.rows import dict_row

from bench import processes, signed
from bench.peers import naive_celery, procrastinate_pipeline
from bench.processes import Running
from bench.rounds import Sample
from bench.running import NotOnce, until
from bench.servers import Services
from bench.statements import load

_WARM_UP = 300
_PER_SECOND_AT_LEAST = 20
_HELD, _QUEUE = "held", "celery"
CELERY = (
    *(sys.executable, "-m", "celery", "-A", "bench.peers.naive_celery", "worker"),
    *("--pool", "prefork", "--concurrency", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
)
PROCRASTINATE = (sys.executable, "-m", "bench.peers.procrastinate_pipeline")

Release = Callable[[list[int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naive:
    """`release` hands the rows with these ids to the workers, all at once."""

    conn: "psycopg.Connection[dict[str, Any]]" = field(repr=False)
    release: Release
    services: Services
    processes: tuple[Running, ...]

    def cpu_seconds(self) -> float:
        return self.services.cpu_seconds() + sum(process.cpu_seconds() for process in self.processes)


def celery(services: Services, *, events: int, subjects: int) -> Sample:
    with _database(services) as (database_url, conn), redis.Redis.from_url(services.redis_url) as broker:
        naive_celery.app.conf.broker_url = services.redis_url

        def release(row_ids: list[int]) -> None:
            with (
                naive_celery.app.connection_for_write(services.redis_url) as connection,
                naive_celery.app.amqp.Producer(connection) as producer,
            ):
                for row_id in row_ids:
                    naive_celery.process.apply_async(args=(row_id,), queue=_HELD, producer=producer)
            broker.rename(_HELD, _QUEUE)

        with workers(services, environment(database_url, services.redis_url), [CELERY]) as started:
            naive = Naive(conn=conn, release=release, services=services, processes=started)
            return _warm_and_measured(naive, events, subjects)


def procrastinate(services: Services, *, events: int, subjects: int) -> Sample:
    with _database(services) as (database_url, conn):
        app, _ = procrastinate_pipeline.build(database_url)
        with app.open():
            app.schema_manager.apply_schema()
            job = app.configure_task(procrastinate_pipeline.TASK, queue=procrastinate_pipeline.QUEUE)

            def release(row_ids: list[int]) -> None:
                # One statement, so that all of them appear at once.
                job.batch_defer(*({"row_id": row_id} for row_id in row_ids))

            with workers(
                services, environment(database_url, services.redis_url), [PROCRASTINATE, PROCRASTINATE]
            ) as started:
                naive = Naive(conn=conn, release=release, services=services, processes=started)
                return _warm_and_measured(naive, events, subjects)


@contextmanager
def _database(services: Services) -> Iterator[tuple[str, "psycopg.Connection[dict[str, Any]]"]]:
    database_url = services.new_database("drained")
    services.empty_broker()
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as conn:
        conn.execute(load("naive")["schema"])
        yield database_url, conn


@contextmanager
def workers(
    services: Services, environ: Mapping[str, str], commands: Sequence[tuple[str, ...]]
) -> Iterator[tuple[Running, ...]]:
    """Whether they are ready the warm-up tells."""
    with ExitStack() as stack:
        yield tuple(
            stack.enter_context(
                processes.running(
                    f"naive-{number}",
                    command,
                    environ=processes.inherited() | dict(environ),
                    log=services.home / "logs" / f"naive-{number}.log",
                    ready=lambda: True,
                )
            )
            for number, command in enumerate(commands)
        )


def environment(database_url: str, redis_url: str) -> Mapping[str, str]:
    """What the naive pipelines are told."""
    return {
        "BENCH_DATABASE_URL": database_url,
        "BENCH_REDIS_URL": redis_url,
        "BENCH_STRIPE_SECRET": signed.SECRET,
    }


def _warm_and_measured(naive: Naive, events: int, subjects: int) -> Sample:
    _drain(naive, _WARM_UP, subjects)
    naive.services.settle()
    return _drain(naive, events, subjects)


def _drain(naive: Naive, events: int, subjects: int) -> Sample:
    sql, row_ids = load("naive"), _keep(naive.conn, signed.Wish(count=events, subjects=subjects))
    naive.release(row_ids)
    released_at, cpu_before = _one(naive, "now")["now"], naive.cpu_seconds()
    seconds = 60 + events / _PER_SECOND_AT_LEAST
    until(lambda: not _one(naive, "unsettled")["any"], seconds=seconds, what="the backlog's end")
    outcome = naive.conn.execute(sql["outcome"], {"first": row_ids[0]}).fetchone()
    if outcome is None or not outcome["events"] == outcome["once"] == outcome["lines"] == events:
        raise NotOnce(f"{outcome}")
    seconds = (outcome["last_processed_at"] - released_at).total_seconds()
    used = naive.cpu_seconds() - cpu_before
    return {"events_per_second": events / seconds, "cpu_seconds_per_1000": used / events * 1000, "seconds": seconds}


def _one(naive: Naive, name: str) -> dict[str, Any]:
    row = naive.conn.execute(load("naive")[name]).fetchone()
    if row is None:
        raise RuntimeError(f"{name} gave no row")
    return row


def _keep(conn: "psycopg.Connection[dict[str, Any]]", wish: signed.Wish) -> list[int]:
    """The bodies as the naive door would have kept them; their rows' ids."""
    sql = load("naive")
    after = conn.execute(sql["last_row"]).fetchone()
    with conn.cursor() as cursor, cursor.copy(sql["copy"]) as copy:
        for fields in signed.fields_of(wish, created=1_790_000_000):
            copy.write_row((fields.event, "customer.subscription.updated", signed.body_of(fields)))
    conn.execute(sql["analyze"])
    return [row["id"] for row in conn.execute(sql["rows_after"], {"after": after["id"] if after else 0})]
