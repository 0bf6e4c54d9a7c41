"""Makes the comparisons with Stripe that staff ask for; whatever comes of one is told to who waits for it."""

import time
import uuid
from typing import Protocol

from shared import comparisons
from shared.comparisons import Result, Taken
from shared.db import Pool
from shared.errors import StripeAway

# As whoever asked is told it; Stripe's own troubles have codes of theirs.
NO_KEY, FAILED = "no_key", "failed"
_SECONDS = 1.0


class Stripe(Protocol):
    def compare(self, wanted: Taken) -> Result: ...


def compare(pool: Pool, comparison_id: uuid.UUID, stripe: Stripe | None) -> bool:
    """Whether it was this worker's to make. Stripe is asked outside any transaction."""
    with pool.transaction() as conn:
        taken = comparisons.take(conn, comparison_id)
    if taken is None:
        return False
    if stripe is None:
        _refuse(pool, comparison_id, NO_KEY)
        return True
    try:
        result = stripe.compare(taken)
    except StripeAway as error:
        _refuse(pool, comparison_id, error.code)
        return True
    except Exception:
        _refuse(pool, comparison_id, FAILED)
        raise
    with pool.transaction() as conn:
        comparisons.end(conn, comparison_id, result)
    return True


def catch_up(pool: Pool, stripe: Stripe | None) -> int:
    """By the clock: those of which no worker was told, or whose worker died; how many, in a few seconds."""
    until, made = time.monotonic() + _SECONDS, 0
    with pool.transaction() as conn:
        ids = comparisons.waiting(conn)
    for one in ids:
        made += compare(pool, one, stripe)
        if time.monotonic() >= until:
            break
    return made


def _refuse(pool: Pool, comparison_id: uuid.UUID, code: str) -> None:
    with pool.transaction() as conn:
        comparisons.refuse(conn, comparison_id, code)
