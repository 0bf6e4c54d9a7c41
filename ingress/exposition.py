"""What /metrics answers: this door's figures, summed over its processes when PROMETHEUS_MULTIPROC_DIR is set."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ingress.wsgi import Answer


def exposition(registry: CollectorRegistry, *computed: Collector) -> Answer:
    """The registry of this process, and what is computed at each scrape: that is never stored, so never summed."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    momentary = CollectorRegistry()
    for collector in computed:
        momentary.register(collector)
    text = generate_latest(registry) + generate_latest(momentary)
    return Answer(200, [("content-type", CONTENT_TYPE_LATEST)], text)
