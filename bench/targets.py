"""What takes deliveries in a bench: the door and what stands beside it, each started and counted the same way."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import psycopg

from bench import processes, servers, signed, statements
from bench.processes import Running
from bench.servers import Services
from ingress.cli.up.ports import port_is_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that answers deliveries at `url`. `kept` counts what it has committed of a batch, by its prefix.

    `kept` is None for a target that keeps nothing.
    """

    name: str
    url: str
    process: Running
    kept: Callable[[str], int] | None = None


Opener: TypeAlias = Callable[[Services], AbstractContextManager[Target]]


@contextmanager
def carelane(services: Services) -> Iterator[Target]:
    """The webhook's line of the Procfile: two processes, everything on. No worker runs, as for every other target."""
    database_url = services.new_database("carelane")
    wanted = servers.carelane(
        services.home / "carelane", database_url=database_url, redis_url=services.redis_url, CARELANE_FORMATION=""
    )["webhook"]
    with servers.program(wanted) as process:
        yield Target(
            name="carelane",
            url=servers.door_url(wanted),
            process=process,
            kept=row_counter(database_url, "carelane"),
        )


@contextmanager
def bare_flask(services: Services) -> Iterator[Target]:
    port = servers.free_port()
    command = gunicorn(port, "bench.peers.bare_flask:create_app()")
    with listening("bare-flask", command, port=port, services=services) as target:
        yield target


def gunicorn(port: int, application: str) -> list[str]:
    """Two processes of eight threads each; no control socket, which a user's gunicorns would share."""
    command = ["gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8"]
    command += ["--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    return [*command, application]


@contextmanager
def bare_flask_granian(services: Services) -> Iterator[Target]:
    port = servers.free_port()
    command = ["granian", "--interface", "wsgi", "--workers", "2", "--no-ws", "--log-level", "warning", "--factory"]
    command += ["--host", "127.0.0.1", "--port", str(port), "bench.peers.bare_flask:create_app"]
    with listening("bare-flask-granian", command, port=port, services=services) as target:
        yield target


@contextmanager
def listening(
    name: str,
    command: list[str],
    *,
    port: int,
    services: Services,
    environ: Mapping[str, str] | None = None,
) -> Iterator[Target]:
    """A peer's process, ready when its port is taken; the command's program is looked for beside this Python first."""
    beside = Path(sys.executable).parent / command[0]
    words = [str(beside) if beside.exists() else command[0], *command[1:]]
    log = services.home / "logs" / f"{name}.log"
    with processes.running(
        name,
        words,
        environ=processes.inherited() | dict(environ or {}),
        log=log,
        ready=lambda: not port_is_free("127.0.0.1", port),
    ) as process:
        yield Target(name=name, url=f"http://127.0.0.1:{port}{signed.PATH}", process=process)


def row_counter(database_url: str, statement: str, *, begins: str = "evt_1{}%") -> Callable[[str], int]:
    """Counts what a peer has committed of a batch (bench/sql/kept.sql); outside what is measured."""
    wanted = statements.load("kept")[statement]

    def count(prefix: str) -> int:
        with psycopg.connect(database_url, autocommit=True) as conn:
            row = conn.execute(wanted.encode(), {"begins": begins.format(prefix)}).fetchone()
            return int(row[0]) if row else 0

    return count
