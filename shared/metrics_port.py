"""The figures of a process that has no door, on a port of its own (CARELANE_METRICS_PORT): for one that runs alone."""

import os
import threading

import structlog
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.registry import REGISTRY

from shared.config import Settings
from shared.metric_files import FOLDER, Summed

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> threading.Thread | None:
    """From a thread of its own; nothing where no port is set. A port that is taken is told and harms nothing.

    Under `carelane up` the application door tells of all processes, and only the first of them would get the port.
    """
    if settings.metrics_port is None:
        return None
    try:
        _, thread = start_http_server(settings.metrics_port, settings.host, _registry())
    except OSError:
        log.warning("the figures have no port", action="metrics.port_taken", port=settings.metrics_port)
        return None
    return thread


def _registry() -> CollectorRegistry:
    folder = os.environ.get(FOLDER)
    if not folder:
        return REGISTRY
    registry = CollectorRegistry()
    registry.register(Summed(folder))
    ProcessCollector(registry=registry)  # of this process, whose beginning tells of the end of the one before
    return registry
