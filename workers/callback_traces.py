"""While one callback is sent: its ids in every line of the log, and its span in the trace of what made it owed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

from shared import trace_ids, tracing
from workers.callback_ledger import Claimed


@contextmanager
def of(claimed: Claimed) -> Iterator[None]:
    place = trace_ids.read(claimed.trace) or trace_ids.of_cause(claimed.because)
    ids = {"notice_id": claimed.notice_id} | ({} if place is None else {"trace_id": place.trace_id})
    with (
        bound_contextvars(**ids),
        tracing.span("callback", "CLIENT", within=place, notice_id=claimed.notice_id, kind=claimed.kind),
    ):
        yield


def headers() -> Mapping[str, str]:
    """So that the receiver can go on with the trace (https://www.w3.org/TR/trace-context/)."""
    current = tracing.current()
    return {} if current is None else {"traceparent": current}
