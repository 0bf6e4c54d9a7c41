"""Migrations: SQL files applied in order, once, forward only, one migrator at a time."""

import hashlib
from importlib import resources

from shared import db
from shared.queries import load


class MigrationError(RuntimeError):
    """The database's history is not this program's: a file was changed after it was applied, or is not known here."""


def migrate(database_url: str) -> list[str]:
    """Apply what is missing and return the names applied; all of it or nothing."""
    sql = load("migrations")
    with db.connect(database_url, name="migrate", statement_timeout_ms=600_000) as conn:
        conn.execute(sql["lock_migrations"])
        conn.execute(sql["ensure_migrations_table"])
        applied = {row["name"]: row["sha256"] for row in conn.execute(sql["applied_migrations"])}
        files = _files()
        for name, digest in applied.items():
            if name not in files or _sha256(files[name]) != digest:
                raise MigrationError(f"{name} was applied to this database, but is not the file that this program has")
        missing = [name for name in sorted(files) if name not in applied]
        for name in missing:
            conn.execute(files[name].encode())
            conn.execute(sql["note_migration"], {"name": name, "sha256": _sha256(files[name])})
    return missing


def _files() -> dict[str, str]:
    folder = resources.files("shared").joinpath("sql", "migrations")
    return {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".sql")}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
