"""How the walk stands, as Prometheus gauges: read from PostgreSQL at each scrape, so every process tells the same."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.status import Status


class WalkGauges(Collector):
    """`status` is None when PostgreSQL did not answer: `carelane_status_up` then says so and the rest is absent."""

    def __init__(self, status: Status | None) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        up = "Whether the figures of the walk could be read."
        yield GaugeMetricFamily("carelane_status_up", up, value=float(self._status is not None))
        if self._status is None:
            return
        events = GaugeMetricFamily("carelane_events", "Events by state.", labels=["state"])
        for state, count in self._status.events.items():
            events.add_metric([state], count)
        waiting = GaugeMetricFamily("carelane_lane_waiting", "Events that wait, by lane.", labels=["lane"])
        oldest = GaugeMetricFamily(
            "carelane_lane_oldest_seconds", "Age of the oldest event that waits.", labels=["lane"]
        )
        for name, lane in self._status.lanes.items():
            waiting.add_metric([name], lane.waiting)
            oldest.add_metric([name], lane.oldest_seconds)
        guards = GaugeMetricFamily(
            "carelane_guards_standing", "Types whose dead letters came in a flood.", value=len(self._status.guards)
        )
        parked = GaugeMetricFamily(
            "carelane_events_parked_by_guards",
            "Events that wait behind a guard instead of dying.",
            value=sum(guard.parked for guard in self._status.guards),
        )
        yield from (events, waiting, oldest, guards, parked)
