"""What shows over years: whether commits also lie elsewhere, and whether the indexes are those that the tables need."""

import re
from collections.abc import Callable, Mapping

from shared.checks.finding import Finding, fault, ok, warning
from shared.db import Connection
from shared.migrations import shipped
from shared.queries import load

# Twice the time after which the log is archived at the latest, and room for a slow archive (shared/backup_store.py).
_LATE_SECONDS = 600.0
_MADE = re.compile(r"^CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?(?:IF NOT EXISTS )?(\w+)", re.MULTILINE)
_DROPPED = re.compile(r"^DROP INDEX (?:CONCURRENTLY )?(?:IF EXISTS )?(\w+)", re.MULTILINE)
# They went with their columns, without a word about them.
_GONE = {"notices_owed"}


def archiving(conn: Connection) -> Finding:
    """By what PostgreSQL tells of itself, whatever does the archiving."""
    row = conn.execute(load("backups")["archiving"]).fetchone() or {}
    if row.get("is_failing"):
        return fault(
            "log archive",
            f"PostgreSQL cannot archive its log ({row['failed_count']} times so far): what comes now would be lost with"
            " its disk, and the log fills that disk.",
            "Read PostgreSQL's log for the reason: a full or missing directory, or a rule of pgBackRest's.",
        )
    if row.get("is_archiving"):
        return _timely(row)
    if row.get("followers"):
        return ok("log archive", f"Nothing is archived, and {row['followers']} other servers follow this one.")
    return warning(
        "log archive",
        "PostgreSQL archives no log and no standby follows it: all since the last copy is lost with its disk.",
        "Set CARELANE_BACKUP_DIR, or archive_command: docs/backup.md. A managed service may do it out of our sight.",
    )


def _timely(row: Mapping[str, float | None]) -> Finding:
    seconds = row["archived_seconds"]
    if seconds is None or seconds <= _LATE_SECONDS:
        return ok("log archive", "PostgreSQL archives its log.")
    return warning(
        "log archive",
        f"The log was last archived {seconds:.0f} s ago.",
        "Set archive_timeout to 60, or find out why nothing was written since.",
    )


def indexes(conn: Connection) -> Finding:
    """Those that the applied migrations made and no later one dropped."""
    rows = conn.execute(load("checks")["indexes"]).fetchall()
    valid = {row["name"]: bool(row["is_valid"]) for row in rows}
    applied = {row["name"] for row in conn.execute(load("migrations")["applied_migrations"])}
    missing = sorted(wanted({name: text for name, text in shipped().items() if name in applied}) - valid.keys())
    half_made = sorted(name for name in valid if not valid[name])
    if not (missing or half_made):
        return ok("indexes", "All of them are there and serve.")
    told = f"Missing: {', '.join(missing) or 'none'}; half made: {', '.join(half_made) or 'none'}."
    return fault("indexes", told, "Make each anew as its migration in shared/sql/migrations says, CONCURRENTLY.")


def wanted(files: Mapping[str, str]) -> set[str]:
    """By the order of the files: what one drops another may make again."""
    found: set[str] = set()
    for name in sorted(files):
        found -= set(_DROPPED.findall(files[name]))
        found |= set(_MADE.findall(files[name]))
    return found - _GONE


CHECKS: dict[str, Callable[[Connection], Finding]] = {"log archive": archiving, "indexes": indexes}
