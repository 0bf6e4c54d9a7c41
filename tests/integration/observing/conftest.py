"""Traces sent to a collector on loopback; only where the extra `otel` is installed."""

import pytest

from shared import tracing
from shared.config import Settings
from tests.fakes.collector import collecting


@pytest.fixture
def collector():
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the extra `otel` is not installed")
    with collecting() as (collector, endpoint):
        tracing.start(Settings(otlp_endpoint=endpoint), "test")
        assert tracing.is_on()
        yield collector
        tracing.stop()
