"""Traces through OpenTelemetry, for who has installed the extra `otel` and named a collector; without, all is a no-op.

Spans carry what a log line may carry and nothing else. A collector that is away costs what waits in one bounded queue.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import structlog

from shared.config import Settings
from shared.release import release
from shared.scrubbing import ALLOWED, cleaned
from shared.trace_ids import Place, written

log = structlog.get_logger(__name__)

Kind = Literal["SERVER", "CONSUMER", "CLIENT"]
_EXPORT_SECONDS = 2
_NANOSECONDS = 1_000_000_000
# What the next span is to be called, where that is known before.
_given: ContextVar[Place | None] = ContextVar("given", default=None)


class _State:
    """One for each process; None until `start` found a collector and the extra."""

    provider: Any = None
    tracer: Any = None


def start(settings: Settings, process: str) -> None:
    if settings.otlp_endpoint is None:
        return
    try:
        from shared.tracing_sdk import provider  # noqa: PLC0415 - half a second, and an extra
    except ImportError:
        log.warning("no traces: the extra `otel` is not installed", action="tracing.missing")
        return
    _State.provider = provider(settings, process, release(), given=_given, seconds=_EXPORT_SECONDS)
    _State.tracer = _State.provider.get_tracer("carelane")


def stop() -> None:
    """Send what waits, and make no more; a process that ends does so by itself."""
    if _State.provider is not None:
        _State.provider.shutdown()
    _State.provider = _State.tracer = None


def is_on() -> bool:
    return _State.tracer is not None


@contextmanager
def span(called: str, how: Kind, /, *, within: Place | None = None, **about: object) -> Iterator[None]:
    """What is done in it; `within` is where it belongs, if not to the span that is current here."""
    if _State.tracer is None:
        yield
        return
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    with _State.tracer.start_as_current_span(
        called,
        context=None if within is None else _context(within),
        kind=SpanKind[how],
        attributes=_attributes(about),
        # An exception's message may quote a payload.
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def record(called: str, place: Place, /, *, seconds: float, is_first: bool, **about: object) -> None:
    """A server's span that has just ended and took so long: as `place` itself, or, where that was before, within it."""
    if _State.tracer is None:
        return
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.trace import SpanKind  # noqa: PLC0415

    ended = time.time_ns()
    token = _given.set(place if is_first else None)
    try:
        made = _State.tracer.start_span(
            called,
            context=Context() if is_first else _context(place),
            kind=SpanKind.SERVER,
            attributes=_attributes(about),
            start_time=ended - int(seconds * _NANOSECONDS),
        )
    finally:
        _given.reset(token)
    made.end(ended)


def note(**about: object) -> None:
    """Say more about the current span."""
    if _State.tracer is not None:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415

        get_current_span().set_attributes(_attributes(about))


def current() -> str | None:
    """The current span as a `traceparent`, to be handed on; None where there is none."""
    if _State.tracer is None:
        return None
    from opentelemetry.trace import get_current_span  # noqa: PLC0415

    found = get_current_span().get_span_context()
    if not found.is_valid:
        return None
    place = Place(f"{found.trace_id:032x}", f"{found.span_id:016x}")
    return written(place, is_sampled=bool(found.trace_flags))


def _context(place: Place) -> Any:
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context  # noqa: PLC0415

    parent = SpanContext(
        int(place.trace_id, 16), int(place.span_id, 16), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED)
    )
    return set_span_in_context(NonRecordingSpan(parent))


def _attributes(about: Mapping[str, object]) -> dict[str, Any]:
    told = {name: value for name, value in about.items() if name in ALLOWED and value is not None}
    return {f"carelane.{name}": cleaned(value) for name, value in told.items()}
