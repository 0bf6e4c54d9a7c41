"""PostgreSQL, looked at over one connection: each question stands alone, so one that fails hides no other."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

import psycopg

from shared import db
from shared.checks import lasting, pooling, server, walk
from shared.checks.finding import Finding, fault, ok, warning
from shared.config import Settings
from shared.errors import TransientError
from shared.queries import load

_STATEMENT_TIMEOUT_MS = 2000
Check = Callable[[db.Connection], Iterable[Finding]]


def look(settings: Settings, *, clock: Callable[[], datetime], counts: Mapping[str, int]) -> Iterator[Finding]:
    """`clock` is this machine's; `counts` says how many of each process may run."""
    if settings.database_url is None:
        yield fault("postgresql", "DATABASE_URL is not set.", "Set it, or start everything with `carelane up`.")
        return
    try:
        with db.connect(settings.database_url, name="doctor", statement_timeout_ms=_STATEMENT_TIMEOUT_MS) as conn:
            conn.autocommit = True  # a question that fails must not spoil the next one's transaction
            yield ok("postgresql", "It answers.")
            for name, check in _checks(settings, clock, counts).items():
                yield from _asked(name, check, conn)
    except (TransientError, psycopg.Error) as error:
        action = "Start it, or correct DATABASE_URL. Until then the front door answers 500, and Stripe delivers again."
        yield fault("postgresql", f"It does not answer: {_words(error)}", action)


def _checks(settings: Settings, clock: Callable[[], datetime], counts: Mapping[str, int]) -> dict[str, Check]:
    needed = server.connections_of(settings, counts)
    return {
        "postgresql settings": partial(_server, needed=needed),
        "clock": lambda conn: [_clock(conn, clock)],
        "time limits": partial(_one, pooling.look),
        "tables": lambda conn: [walk.tables(conn)],
        "lanes": walk.lanes,
        "sealing": lambda conn: [walk.sealing(conn, settings.unseal_private_key)],
        **{name: partial(_one, check) for name, check in (walk.CHECKS | lasting.CHECKS).items()},
    }


def _one(check: Callable[[db.Connection], Finding], conn: db.Connection) -> list[Finding]:
    return [check(conn)]


def _asked(name: str, check: Check, conn: db.Connection) -> Iterator[Finding]:
    try:
        with db.translated():
            yield from list(check(conn))
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.UndefinedFunction):
        yield warning(name, "Its tables are missing.", "Run `carelane migrate`, then ask again.")
    except (TransientError, psycopg.Error) as error:
        yield fault(name, f"This could not be asked: {_words(error)}", "See PostgreSQL's log, then ask again.")


def _server(conn: db.Connection, *, needed: int) -> Iterator[Finding]:
    row = conn.execute(load("checks")["server"]).fetchone()
    if row is not None:
        found = server.Server(**row)
        yield from server.judged(found)
        yield server.connections(found, needed)


def _clock(conn: db.Connection, clock: Callable[[], datetime]) -> Finding:
    before = clock()
    row = conn.execute(load("checks")["clock"]).fetchone()
    after = clock()
    return server.clock(0.0 if row is None else server.ahead_seconds(before, row["at"], after))


def _words(error: Exception) -> str:
    """The driver's own first line: it names the address and the role, never the password."""
    return next(iter(str(error.__cause__ or error).strip().splitlines()), type(error).__name__)
