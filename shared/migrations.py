"""Migrations: SQL files applied in order, once, forward only, one migrator at a time."""

import hashlib
from dataclasses import dataclass
from importlib import resources

from shared import db
from shared.queries import load


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
    return _compare(applied, _files())


def _compare(applied: dict[str, str], files: dict[str, str]) -> Standing:
    return Standing(
        missing=[name for name in sorted(files) if name not in applied],
        foreign=[name for name, digest in applied.items() if name not in files or _sha256(files[name]) != digest],
    )


def migrate(database_url: str) -> list[str]:
    """Apply what is missing, give each role its rights; returns the names applied. All of it or nothing."""
    sql = load("migrations")
    with db.connect(database_url, name="migrate", statement_timeout_ms=600_000) as conn:
        conn.execute(sql["lock_migrations"])
        conn.execute(sql["ensure_migrations_table"])
        applied = {row["name"]: row["sha256"] for row in conn.execute(sql["applied_migrations"])}
        files = _files()
        found = _compare(applied, files)
        for name in found.foreign:
            raise MigrationError(f"{name} was applied to this database, but is not the file that this program has")
        for name in found.missing:
            conn.execute(files[name].encode())
            conn.execute(sql["note_migration"], {"name": name, "sha256": _sha256(files[name])})
        conn.execute(load("grants")["apply"])
    return found.missing


def _files() -> dict[str, str]:
    folder = resources.files("shared").joinpath("sql", "migrations")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".sql")}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
