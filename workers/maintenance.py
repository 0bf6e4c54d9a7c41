"""Upkeep on beat: work that keeps the house in order and that nothing else waits for."""

from shared.db import Pool
from shared.queries import load


def upkeep(pool: Pool) -> dict[str, int]:
    """Make the coming months' partitions, drop what is long over; safe to run twice at once."""
    sql = load("upkeep")
    with pool.transaction() as conn:
        row = conn.execute(sql["ensure_partitions"]).fetchone()
        forgotten = conn.execute(sql["forget_heartbeats"]).rowcount
        conn.execute(sql["forget_guards"])
    return {"partitions_made": 0 if row is None else row["made"], "heartbeats_forgotten": forgotten}
