"""The end of an event: settled, counted, and, when a crisis waited longer than promised, raised."""

import structlog

from shared import audit
from shared.db import Connection
from workers import ledger, metrics
from workers.ledger import Held, Settlement

CRISIS_SECONDS = 0.2

log = structlog.get_logger(__name__)


def end(conn: Connection, held: Held, settlement: Settlement) -> None:
    """Settle the claim; raises Fenced when it is no longer ours. The latency counts from receipt, retries included."""
    settled = ledger.settle(conn, held, settlement)
    metrics.settled(settled.lane, settlement.state, settled.age_seconds)
    if settled.lane == "crisis" and settled.age_seconds > CRISIS_SECONDS:
        _raise_breach(conn, held, milliseconds=round(settled.age_seconds * 1000))
    log.info("settled", action="event.settled", row_id=held.row_id, event_id=held.event_id, state=settlement.state)


def _raise_breach(conn: Connection, held: Held, *, milliseconds: int) -> None:
    audit.record(
        conn, actor="worker", act="crisis.response_breach", object=held.name, after={"milliseconds": milliseconds}
    )
    metrics.BREACHES.inc()
    log.warning(
        "a crisis event took longer than promised",
        action="crisis.response_breach",
        row_id=held.row_id,
        event_id=held.event_id,
        milliseconds=milliseconds,
    )
