"""What /metrics answers: this door's figures, summed over its processes when PROMETHEUS_MULTIPROC_DIR is set."""

import os

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from ingress.wsgi import Answer
from shared.metric_files import FOLDER, Summed


def exposition(registry: CollectorRegistry, *computed: Collector) -> Answer:
    """The registry of this process, and what is computed at each scrape: that is never stored, so never summed."""
    folder = os.environ.get(FOLDER)
    if folder:
        registry = CollectorRegistry()
        registry.register(Summed(folder))
    momentary = CollectorRegistry()
    for collector in computed:
        momentary.register(collector)
    text = generate_latest(registry) + generate_latest(momentary)
    return Answer(200, [("content-type", CONTENT_TYPE_LATEST)], text)
