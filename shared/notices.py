"""What is owed to the outside after a change; owed in the transaction that made it, delivered after its commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from shared.db import Connection
from shared.queries import load

STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Notice:
    """Ids, states and figures only."""

    cause: str
    kind: str
    recipient: str
    data: Mapping[str, object]


def owe(conn: Connection, *, cause: str, kind: str, recipient: str, data: Mapping[str, object]) -> bool:
    """Owe this once, however often its cause comes again. Whether it was not owed yet."""
    parameters = {"cause": cause, "kind": kind, "recipient": recipient, "data": Jsonb(dict(data))}
    return conn.execute(load("notices")["owe"], parameters).fetchone() is not None


def owe_about(conn: Connection, about: str, wanted: Sequence[Notice]) -> list[Notice]:
    """Owe these of a subject, each once; those that were not owed yet."""
    fresh = []
    for notice in wanted:
        parameters = {"cause": notice.cause, "kind": notice.kind, "recipient": notice.recipient, "about": about}
        row = conn.execute(load("notices")["owe_about"], parameters | {"data": Jsonb(dict(notice.data))}).fetchone()
        if row is not None and row["is_new"]:
            fresh.append(notice)
    return fresh


def owe_only(conn: Connection, about: str, wanted: Sequence[Notice], *, kinds: Sequence[str]) -> list[Notice]:
    """Owe these of a subject and, of these kinds, no other that is not delivered yet: a late fact may undo one."""
    kept = [f"{notice.cause} {notice.kind} {notice.recipient}" for notice in wanted]
    conn.execute(load("notices")["withdraw"], {"about": about, "kinds": list(kinds), "kept": kept})
    return owe_about(conn, about, wanted)
