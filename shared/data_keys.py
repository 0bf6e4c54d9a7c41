"""Where wrapped data keys lie."""

import uuid
from collections.abc import Callable

from shared.crypto import DataKey
from shared.db import Connection, Pool
from shared.queries import load


def store(conn: Connection, key: DataKey) -> None:
    conn.execute(load("data_keys")["store"], {"id": key.id, "wrapped": key.wrapped, "recipient": key.recipient})


def fetcher(pool: Pool) -> Callable[[uuid.UUID], tuple[bytes, str] | None]:
    """How a Reader asks for a wrapped key: (wrapped, recipient), or None when there is no such key."""

    def fetch(key_id: uuid.UUID) -> tuple[bytes, str] | None:
        with pool.transaction() as conn:
            row = conn.execute(load("data_keys")["fetch"], {"id": key_id}).fetchone()
        return None if row is None else (row["wrapped"], row["recipient"])

    return fetch
