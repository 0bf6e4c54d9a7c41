"""Which subjects are compared with Stripe's: those of a phase from a place on, those that somebody chose."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.db import Pool
from shared.queries import load

Row = dict[str, Any]

MOST_CHOSEN = 1000


def rows(pool: Pool, query: str, *, after: str, most: int, by: Mapping[str, object]) -> list[Row]:
    """`by` holds the `livemode` of the key, for of the other mode Stripe knows nothing; and what else a query asks."""
    with pool.transaction() as conn:
        return conn.execute(load("reconcile")[query], {**by, "after": after, "most": most}).fetchall()


def left(pool: Pool, found: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """Those of their accounts that took their leave."""
    accounts = sorted({row["account"] for row in found if row["account"] is not None})
    if not accounts:
        return frozenset()
    with pool.transaction() as conn:
        rows_ = conn.execute(load("reconcile")["left"], {"accounts": accounts})
        return frozenset(row["account"] for row in rows_)


def place(found: Sequence[Mapping[str, Any]], seen: int, *, most: int) -> str | None:
    """Where it goes on after so many of these; None where they were the last."""
    is_over = seen == len(found) < most
    return None if is_over else str(found[seen - 1]["id"])
