"""Upkeep on beat: work that keeps the house in order and that nothing else waits for."""

from shared.db import Pool
from shared.queries import load


def upkeep(pool: Pool) -> dict[str, int]:
    """Make the coming months' partitions; safe to run twice at once."""
    with pool.transaction() as conn:
        row = conn.execute(load("upkeep")["ensure_partitions"]).fetchone()
    return {"partitions_made": 0 if row is None else row["made"]}
