"""How the walk stands, as Prometheus gauges: read from PostgreSQL at each scrape, so every process tells the same."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from shared.owed import Owed
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
        yield from _owed(self._status.owed)


def _owed(owed: Owed) -> Iterator[Metric]:
    """What waits to be told to the outside, and for how long."""
    yield GaugeMetricFamily("carelane_notices_untold", "Notices that wait for their position.", value=owed.untold)
    yield GaugeMetricFamily(
        "carelane_notices_untold_oldest_seconds", "Age of the oldest of them.", value=owed.oldest_seconds
    )
    waiting = GaugeMetricFamily("carelane_callbacks_waiting", "Callbacks that wait.", labels=["endpoint"])
    oldest = GaugeMetricFamily(
        "carelane_callbacks_oldest_seconds", "Age of the oldest callback that waits.", labels=["endpoint"]
    )
    dead = GaugeMetricFamily("carelane_callbacks_dead", "Callbacks that were given up.", labels=["endpoint"])
    disabled = GaugeMetricFamily(
        "carelane_callback_endpoint_disabled", "Whether an endpoint is called no more.", labels=["endpoint"]
    )
    for endpoint in owed.callbacks:
        waiting.add_metric([endpoint.name], endpoint.waiting)
        oldest.add_metric([endpoint.name], endpoint.oldest_seconds)
        dead.add_metric([endpoint.name], endpoint.dead)
        disabled.add_metric([endpoint.name], float(endpoint.disabled_at is not None))
    yield from (waiting, oldest, dead, disabled)
