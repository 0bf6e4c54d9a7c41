"""The audit trail: who did what to which object, why, and what it was before and after. Append-only."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psycopg.types.json import Jsonb

from shared import counts
from shared.db import Connection
from shared.queries import load
from shared.rowsets import rowset


def record(  # noqa: PLR0913 - an audit record has these parts, and a caller should have to name each
    conn: Connection,
    *,
    actor: str,
    act: str,
    object: str,  # noqa: A002 - the field's own word
    reason: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one record in the caller's transaction; ids and states only, never a payload."""
    conn.execute(
        load("audit")["record"],
        {
            "actor": actor,
            "act": act,
            "object": object,
            "reason": reason,
            "before": None if before is None else Jsonb(dict(before)),
            "after": None if after is None else Jsonb(dict(after)),
        },
    )
    _count(act)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record to be added with others."""

    actor: str
    act: str
    object: str
    reason: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


def record_all(conn: Connection, records: Sequence[Record]) -> None:
    """Add them in one statement; as `record` does one."""
    if records:
        conn.execute(load("audit")["record_all"], {"rows": rowset(asdict(one) for one in records)})
    for one in records:
        _count(one.act)


def _count(act: str) -> None:
    if act in counts.SECURITY_ACTS:
        counts.SECURITY.labels(act).inc()
