"""The end of an event: settled, counted, and, when a crisis waited longer than promised, raised."""

from collections import Counter
from collections.abc import Sequence

import structlog

from shared import audit, notices, tracing
from shared.db import Connection
from shared.rules.lanes import CRISIS_SECONDS
from workers import ledger, metrics
from workers.ledger import Held, Settled, Settlement

log = structlog.get_logger(__name__)


def end(conn: Connection, endings: Sequence[tuple[Held, Settlement]]) -> list[Settled]:
    """Settle the claims; raises Fenced when one is no longer ours. A breach is audited and told in this transaction."""
    settled = ledger.settle(conn, endings)
    for (held, _), one in zip(endings, settled, strict=True):
        if _is_breach(held, one):
            late = {"milliseconds": _milliseconds(one)}
            audit.record(conn, actor="worker", act="crisis.response_breach", object=held.name, after=late)
            cause, data = f"event:{held.row_id}", {"eventId": held.event_id, **late}
            notices.owe(conn, cause=cause, kind="crisis:response_breach", recipient=notices.STAFF, data=data)
    return settled


def tell(ended: Sequence[tuple[Held, Settled]]) -> None:
    """Count and log what is committed; before the commit it would tell of what may yet be rolled back."""
    metrics.settled((one.lane, one.state, one.age_seconds if _is_first_series(held) else None) for held, one in ended)
    for held, settled in ended:
        if _is_breach(held, settled):
            metrics.BREACHES.inc()
            log.warning(
                "a crisis event took longer than promised",
                action="crisis.response_breach",
                milliseconds=_milliseconds(settled),
                **_named(held),
            )
    if len(ended) == 1:
        ((held, settled),) = ended
        tracing.note(state=settled.state)
        log.info("settled", action="event.settled", state=settled.state, **_named(held))
    else:
        # A line for each would cost more than a tenth of what carrying it does.
        for state, count in Counter(settled.state for _, settled in ended).items():
            log.info("settled together", action="event.settled", state=state, count=count)


def _named(held: Held) -> dict[str, object]:
    return {"row_id": held.row_id, "event_id": held.event_id}


def _is_breach(held: Held, settled: Settled) -> bool:
    """The latency counts from receipt, retries included; what was sent on again later by a person does not count."""
    return _is_first_series(held) and settled.lane == "crisis" and settled.age_seconds > CRISIS_SECONDS


def _is_first_series(held: Held) -> bool:
    return held.series == 1


def _milliseconds(settled: Settled) -> int:
    return round(settled.age_seconds * 1000)
