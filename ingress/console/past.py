"""The last day and the last week as charts and tables, from hours that were summed when they were over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ingress.console import charts
from ingress.console.charts import Chart
from shared import event_hours
from shared.event_hours import Sum
from shared.rules.lanes import CRISIS_SECONDS


@dataclass(frozen=True, slots=True)
class Past:
    """By lane, but for `speed`."""

    hours: Mapping[str, Sequence[Sum]]
    days: Mapping[str, Sequence[Sum]]
    hour_bars: Mapping[str, Chart]
    day_bars: Mapping[str, Chart]
    speed: Chart


def drawn(summed: Mapping[str, Sequence[Sum]], now: datetime) -> Past:
    hours = {lane: event_hours.last_hours(some, now) for lane, some in summed.items()}
    days = {lane: event_hours.last_days(some, now) for lane, some in summed.items()}
    slowest = [one.p99_ms or 0 for one in hours["crisis"]]
    return Past(
        hours,
        days,
        {lane: _stacked(some) for lane, some in hours.items()},
        {lane: _stacked(some) for lane, some in days.items()},
        charts.against(slowest, CRISIS_SECONDS * 1000, places=event_hours.HOURS),
    )


def _stacked(some: Sequence[Sum]) -> Chart:
    return charts.stacked([(one.ended, one.received - one.ended) for one in some])
