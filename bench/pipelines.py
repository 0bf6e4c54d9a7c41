"""Whole pipelines, from the POST to the change of state: each takes deliveries and tells when all had effect."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg.rows import dict_row

from bench import drain_naive, running, servers, statements, targets
from bench.load import Fired
from bench.servers import Services
from bench.targets import Target

_DRAIN_SECONDS = 600.0
_THREADS = 8


@dataclass(frozen=True, slots=True)
class Ended:
    """How many events had effect, and within what time of the first one's receipt."""

    events: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """`mark` before a load and `ended` after it: that waits until all the load has had effect."""

    name: str
    url: str
    mark: Callable[[], int]
    ended: Callable[[int, str, Fired], Ended]
    cpu_seconds: Callable[[], float]


Opener: TypeAlias = Callable[[Services], AbstractContextManager[Pipeline]]


@contextmanager
def carelane(services: Services) -> Iterator[Pipeline]:
    """All processes of the Procfile that have a part in the walk."""
    with running.carelane(services, services.new_database("carelane_whole")) as whole:

        def ended(mark: int, _prefix: str, _fired: Fired) -> Ended:
            outcome = whole.wait(mark, seconds=_DRAIN_SECONDS)
            took = outcome["last_settled_at"] - outcome["first_received_at"]
            return Ended(outcome["events"], took.total_seconds())

        yield Pipeline(name="carelane", url=whole.url, mark=whole.last_row, ended=ended, cpu_seconds=whole.cpu_seconds)


@contextmanager
def naive_celery(services: Services) -> Iterator[Pipeline]:
    """Its door under the faster of two servers that were tried, granian; a broker database of its own."""
    database_url, redis_url = services.new_database("naive_whole"), services.redis_url.removesuffix("0") + "2"
    environ = drain_naive.environment(database_url, redis_url)
    port = servers.free_port()
    with ExitStack() as stack:
        conn = stack.enter_context(psycopg.connect(database_url, autocommit=True, row_factory=dict_row))
        conn.execute(statements.load("naive")["schema"])
        (worker,) = stack.enter_context(drain_naive.workers(services, environ, [drain_naive.CELERY]))
        opened = targets.listening("naive", _naive_door(port), port=port, services=services, environ=environ)
        door = stack.enter_context(opened)
        yield Pipeline(
            name="naive-celery",
            url=door.url,
            mark=lambda: int(_row(conn, "last_row")["id"]),
            ended=lambda mark, _prefix, _fired: _naive_ended(conn, mark),
            cpu_seconds=lambda: services.cpu_seconds() + door.process.cpu_seconds() + worker.cpu_seconds(),
        )


def _naive_door(port: int) -> list[str]:
    command = ["granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", str(_THREADS), "--no-ws"]
    command += ["--log-level", "warning", "--host", "127.0.0.1", "--port", str(port), "--factory"]
    return [*command, "bench.peers.naive_celery:door"]


def _naive_ended(conn: "psycopg.Connection[dict[str, Any]]", mark: int) -> Ended:
    running.until(lambda: not _row(conn, "unsettled")["any"], seconds=_DRAIN_SECONDS, what="the naive pipeline's end")
    outcome = _row(conn, "outcome", first=mark + 1)
    if not outcome["events"] == outcome["once"] == outcome["lines"]:
        raise running.NotOnce(f"{outcome}")
    took = outcome["last_processed_at"] - outcome["first_received_at"]
    return Ended(outcome["events"], took.total_seconds())


def _row(conn: "psycopg.Connection[dict[str, Any]]", name: str, **parameters: object) -> dict[str, Any]:
    row = conn.execute(statements.load("naive")[name], parameters).fetchone()
    if row is None:
        raise RuntimeError(f"{name} gave no row")
    return row


def in_the_request(open_target: targets.Opener) -> Opener:
    """A peer whose answer comes after the change of state: what it answered has had effect."""

    @contextmanager
    def opened(services: Services) -> Iterator[Pipeline]:
        with open_target(services) as target:
            yield Pipeline(
                name=target.name,
                url=target.url,
                mark=lambda: 0,
                ended=lambda _mark, prefix, fired: _answered(target, prefix, fired),
                cpu_seconds=lambda: services.cpu_seconds() + target.process.cpu_seconds(),
            )

    return opened


def _answered(target: Target, prefix: str, fired: Fired) -> Ended:
    kept = target.kept(prefix) if target.kept else 0
    if kept < fired.answered:
        raise running.NotOnce(f"{target.name} answered {fired.answered} and kept {kept}")
    return Ended(fired.answered, fired.seconds)
