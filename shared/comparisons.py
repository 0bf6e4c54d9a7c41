"""Comparisons with Stripe that staff or a service ask for: written down by a door, made by a worker, told by a door."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from shared import audit
from shared.bulk_acts import Mandate
from shared.bulk_work import TooMany
from shared.db import Connection
from shared.errors import NotFound
from shared.queries import load

MOST_NAMES = 5
MOST_OF_PERSON = 100
_MOST_OBJECTS = 200
MOST_WAITING = 100
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
    dry_run: bool
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
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Result:
    known: int
    compared: int
    findings: Sequence[Mapping[str, Any]]


def ask(
    conn: Connection,
    names: Sequence[str],
    *,
    mandate: Mandate,
    staff_id: uuid.UUID | None = None,
    dry_run: bool = False,
) -> uuid.UUID:
    """The caller commits, then tells a worker."""
    conn.execute(load("comparisons")["forget"], {"days": _KEPT_DAYS})
    wanted: dict[str, object] = {"staff_id": staff_id, "names": list(names), "dry_run": dry_run}
    wanted |= {"actor": mandate.actor, "reason": mandate.reason}
    row = conn.execute(load("comparisons")["ask"], wanted).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an insert that returns always returns
    for name in names:
        audit.record(conn, actor=mandate.actor, act="reconcile.asked", object=f"subject:{name}", reason=mandate.reason)
    found: uuid.UUID = row["id"]
    return found


def require_room(conn: Connection) -> None:
    """Raises TooMany when programs have asked for more than is being made."""
    row = conn.execute(load("comparisons")["crowd"], {**_TERMS, "most": MOST_WAITING}).fetchone()
    if row is not None and row["waiting"] >= MOST_WAITING:
        raise TooMany(f"{MOST_WAITING} comparisons wait already: ask again when some are made")


def of_person(conn: Connection, user_id: str) -> list[str]:
    """The names of what is known of somebody at Stripe. Raises NotFound when that is nothing, and TooMany."""
    wanted = {"user_id": user_id, "most": MOST_OF_PERSON + 1}
    rows = conn.execute(load("reconcile")["of_person"], wanted).fetchall()
    if not rows:
        raise NotFound("nothing at Stripe is known of this person")
    if len(rows) > MOST_OF_PERSON:
        raise TooMany(f"more than {MOST_OF_PERSON} objects are this person's: use the command")
    return list(dict.fromkeys(row["subject_id"] for row in rows))


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
