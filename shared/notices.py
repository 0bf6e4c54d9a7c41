"""What is owed to the outside after a change; owed in the transaction that made it, delivered after its commit."""

from collections.abc import Mapping

from psycopg.types.json import Jsonb

from shared.db import Connection
from shared.queries import load

STAFF = "staff"


def owe(conn: Connection, *, cause: str, kind: str, recipient: str, data: Mapping[str, object]) -> bool:
    """Owe this once, however often its cause comes again; ids, states and figures only. Whether it was not owed yet."""
    parameters = {"cause": cause, "kind": kind, "recipient": recipient, "data": Jsonb(dict(data))}
    return conn.execute(load("notices")["owe"], parameters).fetchone() is not None
