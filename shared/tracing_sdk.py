"""OpenTelemetry's side of `tracing`: needs the extra `otel`."""

from contextvars import ContextVar
from typing import Any

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

from shared.config import Settings
from shared.trace_ids import Place

_MOST_WAITING = 2048


class _GivenIds(RandomIdGenerator):  # type: ignore[misc]
    """Random ones, but where the place is known: an event's first span, which others go on from unasked."""

    def __init__(self, given: ContextVar[Place | None]) -> None:
        self._given = given

    def generate_trace_id(self) -> int:
        place = self._given.get()
        return int(super().generate_trace_id()) if place is None else int(place.trace_id, 16)

    def generate_span_id(self) -> int:
        place = self._given.get()
        return int(super().generate_span_id()) if place is None else int(place.span_id, 16)


def provider(settings: Settings, process: str, version: str, *, given: ContextVar[Place | None], seconds: int) -> Any:
    endpoint = f"{(settings.otlp_endpoint or '').rstrip('/')}/v1/traces"
    made = TracerProvider(
        # By the trace's own id: every process chooses the same traces, whatever a caller's flags say.
        sampler=TraceIdRatioBased(settings.trace_percent / 100),
        id_generator=_GivenIds(given),
        resource=Resource({
            "service.name": "carelane",
            "service.version": version,
            "service.instance.id": process,
            "deployment.environment.name": settings.environment,
        }),
    )  # fmt: skip
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=seconds)
    made.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=_MOST_WAITING, schedule_delay_millis=1000))
    return made
