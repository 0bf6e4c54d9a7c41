"""The audit trail: who did what to which object, why, and what it was before and after. Append-only."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from shared.db import Connection
from shared.queries import load


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
