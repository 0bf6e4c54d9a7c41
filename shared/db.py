"""Connections to PostgreSQL: a pool for each process, opened after any fork, every wait bounded."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from shared import counts, priority, tracing
from shared.arrays import Array, ArrayDumper
from shared.deadlines import Deadlines
from shared.errors import TransientError

Connection = psycopg.Connection[DictRow]

# A statement that is planned once, perhaps while its tables were empty, must still look up by key when they are full.
_LOOKS_UP = "".join(
    f" -c {setting}"
    for setting in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
        "jit=off",
    )
)

# What PostgreSQL or the network says when trying again may help: connection trouble (08), resources (53), a server
# going down or a statement cancelled (57), lost races (40), a lock not had in time (55P03), a failing disk (58).
_TRANSIENT_STATES = ("08", "53", "57", "40", "55P03", "58")


class ForeignProcessError(RuntimeError):
    """A pool is used by another process than the one that opened it: after a fork two would share one socket."""


class Pool:
    """A psycopg pool that belongs to one process.

    Raises TransientError wherever PostgreSQL is away, busy or lost a race, and ForeignProcessError after a fork. A
    transaction ends within one and a half times what one statement may take, even when the server is frozen.
    """

    def __init__(
        self, database_url: str, *, name: str, size: int, statement_timeout_ms: int = 10_000, prepares: bool = False
    ) -> None:
        self._owner = os.getpid()
        self._longest_seconds = statement_timeout_ms * 1.5 / 1000
        self._deadlines = Deadlines()
        self._places: WeakKeyDictionary[Connection, int] = WeakKeyDictionary()
        self._wait_seconds = counts.POOL_WAIT.labels(name)
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            database_url,
            kwargs=connect_arguments(name, statement_timeout_ms, prepares=prepares),
            min_size=1,
            max_size=size,
            timeout=2.0,
            max_waiting=size * 50,
            name=name,
            configure=_prepare,
            open=False,
            reconnect_timeout=30.0,
        )
        self._pool.open(wait=False)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction: commits at the end, rolls back on any exception."""
        self._refuse_foreign()
        bound = self._deadlines.bound
        with translated(), self._connection() as conn, bound(conn, self._longest_seconds), _ended(conn):
            if (place := tracing.current()) is not None:
                # What is owed in this transaction takes it as a column's default, and callbacks go on from there.
                conn.execute("SELECT set_config('carelane.trace', %s, true)", [place])
            yield conn

    @contextmanager
    def statement(self) -> Iterator[Connection]:
        """For a single statement, which is a transaction by itself: spares the journeys of BEGIN and COMMIT."""
        self._refuse_foreign()
        bound = self._deadlines.bound
        with translated(), self._connection() as conn, bound(conn, self._longest_seconds), _autocommit(conn):
            yield conn

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        began = perf_counter()
        with self._pool.connection() as conn:
            self._wait_seconds.observe(perf_counter() - began)
            self._follow(conn)
            yield conn

    def _follow(self, conn: Connection) -> None:
        """PostgreSQL's process of it takes the place that ours has by now."""
        place = priority.place()
        if self._places.get(conn, 0) != place:
            priority.server_follows(conn, place)
            self._places[conn] = place

    def drop_broken(self) -> None:
        """Replace the idle connections that no longer answer: after a restart of the server it is all of them."""
        self._pool.check()

    def close(self) -> None:
        self._pool.close(timeout=2.0)

    def _refuse_foreign(self) -> None:
        if os.getpid() != self._owner:
            raise ForeignProcessError("this pool was opened before a fork")


@contextmanager
def _ended(conn: Connection) -> Iterator[None]:
    """Commit or roll back here, and not in the pool's hands: a frozen server would hold the thread there unbounded."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(psycopg.Error):
            conn.rollback()
        raise
    conn.commit()


def _prepare(conn: Connection) -> None:
    conn.adapters.register_dumper(Array, ArrayDumper)


@contextmanager
def _autocommit(conn: Connection) -> Iterator[None]:
    conn.autocommit = True
    try:
        yield
    finally:
        with contextlib.suppress(psycopg.Error):  # a connection that broke is thrown away by the pool
            conn.autocommit = False


def connect_arguments(name: str, statement_timeout_ms: int, *, prepares: bool = False) -> dict[str, Any]:
    """What every connection of ours is opened with; `prepares` is for one that repeats few statements without end."""
    return {
        "row_factory": dict_row,
        "application_name": f"carelane-{name}",
        "connect_timeout": 2,
        # A frozen server or a dead network must not hold a thread: TCP gives up on unanswered bytes after 5 s.
        "tcp_user_timeout": 5000,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "options": f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={statement_timeout_ms} -c TimeZone=UTC"
        f" -c idle_in_transaction_session_timeout={max(60_000, statement_timeout_ms)}{_LOOKS_UP if prepares else ''}",
        # Behind PgBouncer in transaction mode prepared statements outlive the session that made them.
        "prepare_threshold": 0 if prepares else None,
    }


async def connect_on_loop(
    database_url: str, *, name: str, statement_timeout_ms: int, prepares: bool
) -> psycopg.AsyncConnection[DictRow]:
    """A connection of the event loop's, for single statements; raises psycopg.Error."""
    arguments = connect_arguments(name, statement_timeout_ms, prepares=prepares)
    return await psycopg.AsyncConnection[DictRow].connect(database_url, autocommit=True, **arguments)


@contextmanager
def connect(database_url: str, *, name: str, statement_timeout_ms: int = 30_000) -> Iterator[Connection]:
    """One connection and one transaction, for commands and tests; raises as Pool does."""
    with translated():
        arguments = connect_arguments(name, statement_timeout_ms)
        with psycopg.Connection[DictRow].connect(database_url, **arguments) as conn:
            yield conn


@contextmanager
def translated() -> Iterator[None]:
    """Turn what psycopg raises for passing trouble into TransientError; let everything else through as it is."""
    try:
        yield
    except PoolTimeout as error:
        counts.POOL_TIMEOUTS.inc()
        raise TransientError("no database connection in time", code="database_busy") from error
    except psycopg.Error as error:
        state = error.sqlstate
        if state is None and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            raise TransientError("the database is away", code="database_away") from error
        if state is not None and state.startswith(_TRANSIENT_STATES):
            raise TransientError(f"the database answered {state}", code=f"database_{state}") from error
        raise
