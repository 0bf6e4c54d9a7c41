"""Migrations: SQL files applied in order, once, forward only, one migrator at a time."""

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources

from psycopg.sql import SQL, Identifier

from shared import db
from shared.errors import TransientError
from shared.queries import load

_LONGEST_MS = 3_600_000
_PATIENCE_SECONDS, _PAUSE_SECONDS = 120.0, 1.0
_LOCK_NOT_HAD = "database_55P03"
# The first line of a file whose statements are no transaction.
_BESIDE = "-- beside traffic:"


class MigrationError(RuntimeError):
    """The database's history is not this program's: a file was changed after it was applied, or is not known here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`missing` are to be applied; `foreign` were applied by another version, or changed after they were applied."""

    missing: list[str]
    foreign: list[str]


def standing(conn: db.Connection) -> Standing:
    """How the database's tables stand to this program, changing nothing."""
    sql = load("migrations")
    row = conn.execute(sql["has_migrations_table"]).fetchone()
    known = row is not None and row["has"]
    applied = {row["name"]: row["sha256"] for row in conn.execute(sql["applied_migrations"])} if known else {}
    return _compare(applied, shipped())


def _compare(applied: Mapping[str, str], files: Mapping[str, str]) -> Standing:
    return Standing(
        missing=[name for name in sorted(files) if name not in applied],
        foreign=[name for name, digest in applied.items() if name not in files or _sha256(files[name]) != digest],
    )


def migrate(
    database_url: str, *, files: Mapping[str, str] | None = None, patience_seconds: float = _PATIENCE_SECONDS
) -> list[str]:
    """Apply what is missing, each file whole or not at all, give each role its rights; returns the names applied.

    Safe beside traffic: nobody waits behind us for longer than one lock's wait. Raises MigrationError when a lock
    could not be had for so long; what was applied stays, and the next run goes on from there.
    """
    with _alone(database_url, shipped() if files is None else files) as missing:
        for name in missing:
            _apply(database_url, name, missing[name], patience_seconds)
        _grant(database_url)
        return list(missing)


def _grant(database_url: str) -> None:
    with db.connect(database_url, name="migrate") as conn:
        conn.execute(load("grants")["apply"])


@contextmanager
def _alone(database_url: str, files: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The missing files, while no other migrator works; nothing is held that an index made beside traffic waits for."""
    sql = load("migrations")
    with db.connect(database_url, name="migrate", statement_timeout_ms=_LONGEST_MS) as conn:
        _take_turn(conn)
        with db.connect(database_url, name="migrate") as own:
            own.execute(sql["ensure_migrations_table"])
        applied = {row["name"]: row["sha256"] for row in conn.execute(sql["applied_migrations"])}
        found = _compare(applied, files)
        for name in found.foreign:
            raise MigrationError(f"{name} was applied to this database, but is not the file that this program has")
        yield {name: files[name] for name in found.missing}


def _take_turn(conn: db.Connection) -> None:
    """The other one ends by itself: each of its waits is bounded."""
    deadline = time.monotonic() + _LONGEST_MS / 1000
    while not _is_ours(conn):
        if time.monotonic() >= deadline:
            raise MigrationError("another migrator works on this database; nothing was applied")
        time.sleep(_PAUSE_SECONDS)


def _is_ours(conn: db.Connection) -> bool:
    row = conn.execute(load("migrations")["lock_migrations"]).fetchone()
    return row is not None and bool(row["is_ours"])


def _apply(database_url: str, name: str, text: str, patience_seconds: float) -> None:
    """A lock that others hold is let go of at once and tried again: behind our wait all traffic would stand."""
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            (_beside if text.startswith(_BESIDE) else _within)(database_url, name, text)
        except TransientError as error:
            if error.code != _LOCK_NOT_HAD:
                raise
            if time.monotonic() >= deadline:
                told = "a lock that it needs is held by others; nothing of it was applied"
                raise MigrationError(f"{name}: {told}. See who holds it (pg_stat_activity), then try again") from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def _within(database_url: str, name: str, text: str) -> None:
    """In one transaction, together with the note that it was applied."""
    sql = load("migrations")
    with db.connect(database_url, name="migrate", statement_timeout_ms=_LONGEST_MS) as conn:
        conn.execute(sql["wait_shortly"])
        conn.execute(text.encode())
        conn.execute(sql["note_migration"], {"name": name, "sha256": _sha256(text)})


def _beside(database_url: str, name: str, text: str) -> None:
    """Statement by statement, each by itself, for what may not be in a transaction: indexes made beside traffic.

    Such a file can be run again after it broke off: its statements say IF NOT EXISTS; what was half made goes first.
    """
    sql = load("migrations")
    with db.connect(database_url, name="migrate", statement_timeout_ms=_LONGEST_MS) as conn:
        conn.autocommit = True
        for row in conn.execute(sql["half_made_indexes"]).fetchall():
            conn.execute(SQL("DROP INDEX CONCURRENTLY {}").format(Identifier(row["name"])))
        for statement in filter(None, map(str.strip, text.split(";\n"))):
            conn.execute(statement.encode())
        conn.execute(sql["note_migration"], {"name": name, "sha256": _sha256(text)})


def shipped() -> dict[str, str]:
    """The files of this program, by name."""
    folder = resources.files("shared").joinpath("sql", "migrations")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".sql")}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
