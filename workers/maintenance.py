"""Upkeep on beat: work that keeps the house in order and that nothing else waits for."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from itertools import takewhile
from typing import Any

import structlog

from shared import audit, notices
from shared.db import Connection, Pool
from shared.notices import STAFF, About
from shared.queries import load
from shared.rules.owing import PAYOUT_STALE, stale_key
from shared.rules.payout_links import KIND
from shared.rules.payout_watch import is_stale
from shared.rules.subject_names import name_of
from shared.rules.telling import Notice
from workers import metrics

log = structlog.get_logger(__name__)

_MOST_RAISED = 1000
_CALLBACK_DAYS = 30
_MOST_FORGOTTEN, _MOST_ROUNDS = 5000, 100


def upkeep(pool: Pool) -> dict[str, int]:
    """Make the coming months' partitions, drop what is long over; safe to run twice at once."""
    sql = load("upkeep")
    with pool.transaction() as conn:
        row = conn.execute(sql["ensure_partitions"]).fetchone()
        forgotten = conn.execute(sql["forget_heartbeats"]).rowcount
        conn.execute(sql["forget_guards"])
    _forget_in_parts(pool, load("idempotency")["forget"])
    _forget_in_parts(pool, load("callbacks")["forget"])
    return {"partitions_made": 0 if row is None else row["made"], "heartbeats_forgotten": forgotten}


def _forget_in_parts(pool: Pool, statement: str) -> None:
    """In parts, so that no transaction is long."""
    parameters = {"days": _CALLBACK_DAYS, "most": _MOST_FORGOTTEN}
    for _ in range(_MOST_ROUNDS):
        with pool.transaction() as conn:
            if conn.execute(statement, parameters).rowcount < _MOST_FORGOTTEN:
                return


def raise_stale_payouts(pool: Pool, *, after_seconds: int) -> int:
    """Raise, once each, payouts that have been on their way for too long; how many were not raised yet."""
    with pool.transaction() as conn:
        parameters = {"kind": PAYOUT_STALE, "recipient": STAFF, "most": _MOST_RAISED}
        rows = conn.execute(load("payouts")["on_their_way"], parameters).fetchall()
    # The longest on their way come first.
    fresh = sum(_raise_stale(pool, row) for row in takewhile(partial(_is_stale, after_seconds=after_seconds), rows))
    if fresh:
        metrics.PAYOUTS_STALE.inc(fresh)
        log.warning("payouts are on their way for too long", action="payout.stale", count=fresh)
    return fresh


def _is_stale(row: Mapping[str, Any], *, after_seconds: int) -> bool:
    since = datetime.fromisoformat(row["status_since"])
    return is_stale(row["status"], since, row["asked_at"], after_seconds=after_seconds)


def _raise_stale(pool: Pool, row: Mapping[str, Any]) -> bool:
    """It was on its way when the list was read; it may have arrived since, or be corrected."""
    with pool.transaction() as conn:
        return conn.execute(load("payouts")["lock_on_its_way"], row).fetchone() is not None and _owe_stale(conn, row)


def _owe_stale(conn: Connection, row: Mapping[str, Any]) -> bool:
    name = name_of(KIND, row["payout_id"], account=row["account"], livemode=row["livemode"])
    key, data = stale_key(name, row["status_since"]), {"payoutId": row["payout_id"], "since": row["status_since"]}
    is_fresh = notices.owe_about(conn, About(name), Notice(key=key, kind=PAYOUT_STALE, recipient=STAFF, data=data))
    if is_fresh:
        audit.record(conn, actor="beat", act="payout.stale", object=name, after=data)
    return is_fresh
