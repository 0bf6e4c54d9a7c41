"""What is owed to the outside after a change; owed in the transaction that made it, told after its commit (outbox)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from shared.db import Connection
from shared.queries import load
from shared.rules import owing
from shared.rules.telling import Changes, Notice, Written, changes

STAFF = owing.STAFF


@dataclass(frozen=True, slots=True)
class About:
    """The subject that notices are about, by its full name, and the event that is being carried, if one is."""

    name: str
    because: str | None = None


def owe(conn: Connection, *, cause: str, kind: str, recipient: str, data: Mapping[str, object]) -> bool:
    """Owe this once, however often its cause comes again. Whether it was not owed yet."""
    return _owe(conn, None, {"cause": cause, "kind": kind, "recipient": recipient, "data": Jsonb(dict(data))})


def owe_about(conn: Connection, about: About, notice: Notice) -> bool:
    """As above, of something that may be taken back before it is told."""
    return _owe(conn, about, _parts(notice.key, notice))


def tell(
    conn: Connection, about: About, wanted: Sequence[Notice], *, kinds: Sequence[str], is_whole: bool
) -> list[Notice]:
    """Bring what is owed about a subject, locked by the caller, into line with its history; what is news of it."""
    made = changes(wanted, _standing(conn, about, kinds), is_whole=is_whole)
    _carry_out(conn, about, made)
    return made.fresh


def withdraw_others(conn: Connection, about: About, *, kind: str, kept: str | None) -> None:
    """Take back what is not told yet, save the one of this cause."""
    conn.execute(load("notices")["withdraw_others"], {"about": about.name, "kind": kind, "kept": kept})


def _standing(conn: Connection, about: About, kinds: Sequence[str]) -> Iterator[Written]:
    parameters = {"about": about.name, "kinds": list(kinds)}
    return (Written(**row) for row in conn.execute(load("notices")["standing"], parameters))


def _carry_out(conn: Connection, about: About, made: Changes) -> None:
    if made.withdrawn:
        conn.execute(load("notices")["withdraw"], {"ids": made.withdrawn})
    for row, data in made.amended:
        conn.execute(load("notices")["amend"], {"id": row, "data": Jsonb(dict(data))})
    for cause, notice in made.added:
        _owe(conn, about, _parts(cause, notice))


def _parts(cause: str, notice: Notice) -> dict[str, Any]:
    return {"cause": cause, "kind": notice.kind, "recipient": notice.recipient, "data": Jsonb(dict(notice.data))}


def _owe(conn: Connection, about: About | None, parts: Mapping[str, Any]) -> bool:
    subject = {"about": about and about.name, "because": about and about.because}
    return conn.execute(load("notices")["owe"], {**parts, **subject}).fetchone() is not None
