"""Upkeep on beat: work that keeps the house in order and that nothing else waits for."""

import structlog

from shared import audit, notices
from shared.db import Pool
from shared.queries import load
from workers import metrics

log = structlog.get_logger(__name__)

_MOST_RAISED = 1000


def upkeep(pool: Pool) -> dict[str, int]:
    """Make the coming months' partitions, drop what is long over; safe to run twice at once."""
    sql = load("upkeep")
    with pool.transaction() as conn:
        row = conn.execute(sql["ensure_partitions"]).fetchone()
        forgotten = conn.execute(sql["forget_heartbeats"]).rowcount
        conn.execute(sql["forget_guards"])
    return {"partitions_made": 0 if row is None else row["made"], "heartbeats_forgotten": forgotten}


def raise_stale_payouts(pool: Pool, *, after_seconds: int) -> int:
    """Raise, once each, payouts that have been on their way for too long; how many were not raised yet."""
    fresh = 0
    with pool.transaction() as conn:
        parameters = {"after_seconds": after_seconds, "most": _MOST_RAISED}
        for row in conn.execute(load("payouts")["on_their_way_for_long"], parameters).fetchall():
            name = f"payout:{row['payout_id']}"
            data = {"payoutId": row["payout_id"], "since": row["status_since"]}
            cause = f"{name}:stale:{row['status_since']}"
            if notices.owe(conn, cause=cause, kind="payout:stale", recipient=notices.STAFF, data=data):
                audit.record(conn, actor="beat", act="payout.stale", object=name, after=data)
                fresh += 1
    if fresh:
        metrics.PAYOUTS_STALE.inc(fresh)
        log.warning("payouts are on their way for too long", action="payout.stale", count=fresh)
    return fresh
