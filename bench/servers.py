"""PostgreSQL and Valkey of the bench's own, and Carelane's processes on them as its Procfile starts them."""

import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import redis
from psycopg import sql

from bench import processes, signed, statements
from bench.processes import Running
from bench.report import RESULTS
from ingress.cli.up import environment, postgres, procfile, valkey, write_ahead
from ingress.cli.up.home import make_home
from ingress.cli.up.ports import port_is_free
from ingress.cli.up.program import Program
from shared.migrations import migrate

_FIRST_PORT = 21_000
_LAST_PORT = 31_000
_CONNECTIONS = 250
# All that `carelane up` lets PostgreSQL keep of its log to use again, as one that has been at work for a while has.
_LOG_FILES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Both servers, set up as `carelane up` sets them up, fsync on; `processes` are theirs."""

    home: Path
    postgres_port: int
    valkey_port: int
    passwords: Mapping[str, str] = field(repr=False)
    processes: tuple[Running, ...]

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.passwords['VALKEY']}@127.0.0.1:{self.valkey_port}/0"

    def database_url(self, name: str) -> str:
        return f"postgresql://postgres:{self.passwords['POSTGRES_ADMIN']}@127.0.0.1:{self.postgres_port}/{name}"

    def new_database(self, name: str) -> str:
        """The URL of an empty database; one of that name goes first."""
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.database_url(name)

    def empty_broker(self) -> None:
        with redis.Redis.from_url(self.redis_url, socket_timeout=10) as client:
            client.flushall()

    def settle(self) -> None:
        """Write out what the last run left, before the next one."""
        with psycopg.connect(self.database_url("postgres"), autocommit=True) as conn:
            conn.execute(statements.load("kept")["checkpoint"].encode())

    def cpu_seconds(self) -> float:
        return sum(process.cpu_seconds() for process in self.processes)


@contextmanager
def services() -> Iterator[Services]:
    """Start both on the disk the project lies on: in memory, a commit would cost nothing."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    _end_in_order_when_asked()
    with TemporaryDirectory(dir=RESULTS, prefix="services-") as directory:
        home = make_home(Path(directory))
        passwords = {name: secrets.token_hex(16) for name in ("POSTGRES_ADMIN", "POSTGRES", "VALKEY")}
        postgres_port, valkey_port = free_port(), free_port()
        database = postgres.program(home, port=postgres_port, passwords=passwords)
        # All peers hold their pools at once, and pgbench comes on top.
        database = replace(database, command=(*database.command, "-c", f"max_connections={_CONNECTIONS}"))
        broker = valkey.program(home, port=valkey_port, password=passwords["VALKEY"])
        with program(database) as one, program(broker) as other:
            made = Services(
                home=home,
                postgres_port=postgres_port,
                valkey_port=valkey_port,
                passwords=passwords,
                processes=(one, other),
            )
            with psycopg.connect(made.database_url("postgres"), autocommit=True) as conn:
                write_ahead.make_room(conn, files=_LOG_FILES)
            yield made


def _end_in_order_when_asked() -> None:
    """SIGTERM runs the way out as Ctrl-C does: otherwise the servers would outlive whoever started them."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to stop"))


@contextmanager
def program(wanted: Program) -> Iterator[Running]:
    """One of `carelane up`'s programs, started and stopped as it does."""
    started = wanted.spawn()
    deadline = time.monotonic() + wanted.ready_seconds
    try:
        while not wanted.is_ready():
            if started.poll() is not None or time.monotonic() > deadline:
                raise processes.DidNotStart(f"{wanted.name} was not ready:\n{wanted.last_lines()}")
            time.sleep(0.05)
        yield Running(wanted.name, started.pid, wanted.log)
    finally:
        processes.end(started, wanted.stop_steps)


def carelane(home: Path, *, database_url: str, redis_url: str, **settings: str) -> dict[str, Program]:
    """The programs of the Procfile by name, in a home of their own, on a migrated database; the door's port is free.

    `settings` are environment variables; CARELANE_FORMATION="steady=2" gives steady.1 and steady.2.
    """
    migrate(database_url)
    doors = {f"CARELANE_{name}_PORT": str(free_port()) for name in ("WEBHOOK", "APP", "STREAM", "FLOWER")}
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "STRIPE_WEBHOOK_SECRETS": signed.SECRET}
    effective = environment.compose(given | doors | settings, home=make_home(home), kept={}, passwords={})
    for side in ("webhook", "core"):
        (home / "run" / "metrics" / side).mkdir(parents=True, exist_ok=True)
    return {wanted.name: wanted for wanted in procfile.programs(procfile.USUAL, effective.values)}


def door_url(wanted: Program) -> str:
    """Where the webhook's program takes deliveries."""
    return f"http://127.0.0.1:{wanted.environ['CARELANE_WEBHOOK_PORT']}{signed.PATH}"


def free_port() -> int:
    """Below what the kernel hands out to clients, and from a place of chance: other benches may run beside."""
    while True:
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
        if port_is_free("127.0.0.1", port):
            return port
