"""While one event is carried: its ids in every line of the log, its span in the trace that its delivery began."""

from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

from shared import trace_ids, tracing
from workers.ledger import Claim


@contextmanager
def through(claim: Claim) -> Iterator[None]:
    held = claim.held
    place = trace_ids.of_event(held.name)
    ids = {"event_id": held.event_id, "row_id": held.row_id}
    with (
        bound_contextvars(trace_id=place.trace_id, **ids),
        tracing.span("process", "CONSUMER", within=place, lane=claim.lane, type=held.type, series=held.series, **ids),
    ):
        yield
