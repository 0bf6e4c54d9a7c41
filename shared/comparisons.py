"""Comparisons with Stripe that staff ask for: the door writes one down, a worker makes it, a page shows its result."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from shared import audit
from shared.bulk_acts import Mandate
from shared.db import Connection
from shared.errors import NotFound
from shared.queries import load

MOST_NAMES = 5
_MOST_OBJECTS = 20
_MOST_AT_ONCE = 10
_KEPT_DAYS = 30
# One that was taken by a worker that died is another's after the lease; who has waited so long waits no more.
_TERMS = {"lease_seconds": 60, "patience_seconds": 3600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`known` objects go by the names, `compared` of them were; `findings` as `Finding.to_json` writes them."""

    id: uuid.UUID
    actor: str
    names: Sequence[str]
    reason: str
    asked_at: datetime
    taken_at: datetime | None
    ended_at: datetime | None
    refused: str | None
    known: int | None
    compared: int | None
    findings: Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Taken:
    actor: str
    names: Sequence[str]


@dataclass(frozen=True, slots=True)
class Result:
    known: int
    compared: int
    findings: Sequence[Mapping[str, Any]]


def ask(conn: Connection, names: Sequence[str], *, staff_id: uuid.UUID, mandate: Mandate) -> uuid.UUID:
    """The caller commits, then tells a worker."""
    conn.execute(load("comparisons")["forget"], {"days": _KEPT_DAYS})
    wanted = {"staff_id": staff_id, "actor": mandate.actor, "names": list(names), "reason": mandate.reason}
    row = conn.execute(load("comparisons")["ask"], wanted).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    for name in names:
        audit.record(conn, actor=mandate.actor, act="reconcile.asked", object=f"subject:{name}", reason=mandate.reason)
    found: uuid.UUID = row["id"]
    return found


def find(conn: Connection, comparison_id: uuid.UUID) -> Comparison:
    """Raises NotFound."""
    row = conn.execute(load("comparisons")["find"], {"id": comparison_id}).fetchone()
    if row is None:
        raise NotFound("no comparison goes by this id")
    return Comparison(**row)


def waiting(conn: Connection) -> list[uuid.UUID]:
    rows = conn.execute(load("comparisons")["waiting"], {**_TERMS, "most": _MOST_AT_ONCE})
    return [row["id"] for row in rows]


def take(conn: Connection, comparison_id: uuid.UUID) -> Taken | None:
    """None when another worker has it, or nobody waits any more. The caller commits before it asks Stripe."""
    row = conn.execute(load("comparisons")["take"], {**_TERMS, "id": comparison_id}).fetchone()
    return None if row is None else Taken(**row)


def objects(conn: Connection, names: Sequence[str], *, livemode: bool | None) -> list[dict[str, Any]]:
    """`livemode` is that of the key: of the other mode Stripe says nothing."""
    wanted = {"names": list(names), "livemode": livemode, "most": _MOST_OBJECTS}
    return conn.execute(load("comparisons")["objects"], wanted).fetchall()


def end(conn: Connection, comparison_id: uuid.UUID, result: Result) -> None:
    parts = {"known": result.known, "compared": result.compared, "findings": Jsonb(list(result.findings))}
    conn.execute(load("comparisons")["end"], {"id": comparison_id, "refused": None, **parts})


def refuse(conn: Connection, comparison_id: uuid.UUID, code: str) -> None:
    parts = {"known": None, "compared": None, "findings": None}
    conn.execute(load("comparisons")["end"], {"id": comparison_id, "refused": code, **parts})
