"""What /metrics of the stream door answers: its streams, now and those that ended."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from ingress.stream.readers import Readers
from ingress.wsgi import Answer


class _Streams(Collector):
    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("carelane_streams_open", "Streams that are open.", value=len(self._readers))
        ended = CounterMetricFamily("carelane_streams_ended", "Streams that ended, by why.", labels=["why"])
        for why, count in sorted(self._readers.ended.items()):
            ended.add_metric([why], count)
        yield ended


def exposition(readers: Readers) -> Answer:
    registry = CollectorRegistry()
    registry.register(_Streams(readers))
    return Answer(200, [("content-type", CONTENT_TYPE_LATEST)], generate_latest(registry))
