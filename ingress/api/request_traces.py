"""While one call is served: its id in every line of the log; its span, within the caller's trace if there is one."""

from contextlib import ExitStack

from flask import Request, g
from structlog.contextvars import bind_contextvars, clear_contextvars

from shared import trace_ids, tracing


def begin(request: Request, request_id: str) -> None:
    clear_contextvars()
    caller = trace_ids.read(request.headers.get("traceparent"))
    bind_contextvars(request_id=request_id, **({} if caller is None else {"trace_id": caller.trace_id}))
    if tracing.is_on() and request.endpoint is not None:
        name = request.endpoint.rpartition(".")[2]
        g.span = ExitStack()
        g.span.enter_context(tracing.span(name, "SERVER", within=caller, name=name, request_id=request_id))


def end(_error: BaseException | None = None) -> None:
    """Threads serve one call after the other, and remember."""
    held: ExitStack | None = g.pop("span", None)
    if held is not None:
        held.close()
    clear_contextvars()
