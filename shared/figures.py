"""Figures of people, dead letters, the database and the trail, read from PostgreSQL: for whoever watches over years."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from shared import heartbeats
from shared.db import Connection
from shared.queries import load

# The day's report is looked for under the days that it may be of.
_REPORT_DAYS = 3


@dataclass(frozen=True, slots=True)
class Server:
    connections_most: int
    bytes: int
    transaction_age: int  # at two thousand millions PostgreSQL stops


@dataclass(frozen=True, slots=True)
class Archive:
    """Of the write-ahead log; None seconds: nothing was ever archived."""

    is_on: bool
    failures: int
    archived_seconds: float | None


@dataclass(frozen=True, slots=True)
class Chain:
    """Of the audit trail: its height, and what waits for its link."""

    height: int
    unlinked: int
    unlinked_oldest_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What could not be read is None or empty, and named in `missing`."""

    heartbeats: Mapping[str, float] = field(default_factory=dict)  # age in seconds by process
    crises: Mapping[str, int] = field(default_factory=dict)
    emergencies: Mapping[str, int] = field(default_factory=dict)
    grace: Mapping[str, int] = field(default_factory=dict)
    dead: Mapping[tuple[str, str], int] = field(default_factory=dict)
    in_doubt: int | None = None
    connections: Mapping[str, int] = field(default_factory=dict)
    server: Server | None = None
    archive: Archive | None = None
    chain: Chain | None = None
    report_seconds: float | None = None
    missing: tuple[str, ...] = ()


def read(conn: Connection) -> Figures:
    """Raises TransientError; whatever a role may not read is left out."""
    found: dict[str, Any] = {}
    missing = []
    for name, question in _QUESTIONS.items():
        try:
            with conn.transaction():  # a savepoint: one that fails must not take the others with it
                found[name] = question(conn)
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable):
            missing.append(name)
    return Figures(**found, missing=tuple(missing))


def report_cause(day: datetime) -> str:
    """Under which the report of a day (UTC) is owed, once."""
    return f"report:{day.date().isoformat()}"


def _heartbeats(conn: Connection) -> Mapping[str, float]:
    return {name: beat.age_seconds for name, beat in heartbeats.latest(conn).items()}


def _counts(query: str, key: str, value: str) -> Callable[[Connection], Mapping[str, int]]:
    def count(conn: Connection) -> Mapping[str, int]:
        return {row[key]: row[value] for row in conn.execute(load("figures")[query])}

    return count


def _grace(conn: Connection) -> Mapping[str, int]:
    return dict(conn.execute(load("figures")["grace"]).fetchone() or {})


def _dead(conn: Connection) -> Mapping[tuple[str, str], int]:
    rows = conn.execute(load("figures")["dead_by_cause"])
    return {(row["reason_class"], row["reason_code"]): row["events"] for row in rows}


def _in_doubt(conn: Connection) -> int:
    row = conn.execute(load("figures")["in_doubt"]).fetchone()
    return 0 if row is None else int(row["subjects"])


def _server(conn: Connection) -> Server | None:
    row = conn.execute(load("figures")["server"]).fetchone()
    return None if row is None else Server(**row)


def _archive(conn: Connection) -> Archive | None:
    row = conn.execute(load("figures")["archive"]).fetchone()
    return None if row is None else Archive(row["mode"] != "off", row["failures"], row["archived_seconds"])


def _chain(conn: Connection) -> Chain | None:
    there = conn.execute(load("figures")["has_chain"]).fetchone()
    row = conn.execute(load("figures")["chain"]).fetchone() if there and there["has_chain"] else None
    return None if row is None else Chain(**row)


def _report(conn: Connection) -> float | None:
    today = datetime.now(UTC)
    causes = [report_cause(today - timedelta(days=days)) for days in range(_REPORT_DAYS)]
    row = conn.execute(load("figures")["report"], {"causes": causes}).fetchone()
    return None if row is None else row["seconds"]


_QUESTIONS: dict[str, Callable[[Connection], Any]] = {
    "heartbeats": _heartbeats,
    "crises": _counts("crises", "severity", "crises"),
    "emergencies": _counts("emergencies", "reason", "accesses"),
    "grace": _grace,
    "dead": _dead,
    "in_doubt": _in_doubt,
    "connections": _counts("connections", "name", "connections"),
    "server": _server,
    "archive": _archive,
    "chain": _chain,
    "report_seconds": _report,
}
