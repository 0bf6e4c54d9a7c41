"""The end of an event: settled, counted, and, when a crisis waited longer than promised, raised."""

import structlog

from shared import audit, notices
from shared.db import Connection
from shared.rules.lanes import CRISIS_SECONDS
from workers import ledger, metrics
from workers.ledger import Held, Settled, Settlement

log = structlog.get_logger(__name__)


def end(conn: Connection, held: Held, settlement: Settlement) -> Settled:
    """Settle the claim; raises Fenced when it is no longer ours. A breach is audited and told in this transaction."""
    settled = ledger.settle(conn, held, settlement)
    if _is_breach(held, settled):
        late = {"milliseconds": _milliseconds(settled)}
        audit.record(conn, actor="worker", act="crisis.response_breach", object=held.name, after=late)
        cause, data = f"event:{held.row_id}", {"eventId": held.event_id, **late}
        notices.owe(conn, cause=cause, kind="crisis:response_breach", recipient=notices.STAFF, data=data)
    return settled


def tell(held: Held, settled: Settled) -> None:
    """Count and log what is committed; before the commit it would tell of what may yet be rolled back."""
    metrics.settled(settled.lane, settled.state, settled.age_seconds if _is_first_series(held) else None)
    named = {"row_id": held.row_id, "event_id": held.event_id}
    log.info("settled", action="event.settled", state=settled.state, **named)
    if _is_breach(held, settled):
        metrics.BREACHES.inc()
        log.warning(
            "a crisis event took longer than promised",
            action="crisis.response_breach",
            milliseconds=_milliseconds(settled),
            **named,
        )


def _is_breach(held: Held, settled: Settled) -> bool:
    """The latency counts from receipt, retries included; what was sent on again later by a person does not count."""
    return _is_first_series(held) and settled.lane == "crisis" and settled.age_seconds > CRISIS_SECONDS


def _is_first_series(held: Held) -> bool:
    return held.series == 1


def _milliseconds(settled: Settled) -> int:
    return round(settled.age_seconds * 1000)
