"""Tells Sentry of each run of beat's jobs, so that one that does not run is missed; the monitors make themselves.

https://docs.sentry.io/product/crons/
"""

import math
import time
from collections.abc import Mapping
from typing import Any

from celery import Celery, signals

from shared.config import Settings

# What runs more often than this would send more check-ins than all the rest; that beat and workers live, others show.
_LEAST_SECONDS = 60
_MARGIN_MINUTES, _LONGEST_MINUTES = 5, 5


def connect(celery: Celery, settings: Settings) -> None:
    """To be called before any child is forked; without a DSN there is nothing to tell."""
    if not settings.sentry_dsn:
        return
    monitors = _monitors(celery.conf.beat_schedule)
    running: dict[str, tuple[str | None, float]] = {}

    def begins(task_id: str, task: Any, **_: Any) -> None:
        if task.name in monitors:
            running[task_id] = _check_in(*monitors[task.name]), time.monotonic()

    def ends(task_id: str, task: Any, state: str | None = None, **_: Any) -> None:
        if task_id in running:
            check_in, began = running.pop(task_id)
            _check_out(monitors[task.name][0], check_in, is_well=state == "SUCCESS", seconds=time.monotonic() - began)

    signals.task_prerun.connect(begins, weak=False)
    signals.task_postrun.connect(ends, weak=False)


def _monitors(schedule: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, dict[str, Any]]]:
    """By task: the monitor's name and what Sentry is told of it."""
    return {
        entry["task"]: (f"carelane-{name}", _config(float(entry["schedule"])))
        for name, entry in schedule.items()
        if isinstance(entry["schedule"], int | float) and entry["schedule"] >= _LEAST_SECONDS
    }


def _config(seconds: float) -> dict[str, Any]:
    return {
        "schedule": {"type": "interval", "value": math.ceil(seconds / 60), "unit": "minute"},
        "checkin_margin": _MARGIN_MINUTES,
        "max_runtime": _LONGEST_MINUTES,
        "timezone": "UTC",
    }


def _check_in(name: str, config: dict[str, Any]) -> str | None:
    from sentry_sdk.crons import MonitorStatus, capture_checkin  # noqa: PLC0415 - as in shared/error_reports.py

    return capture_checkin(name, status=MonitorStatus.IN_PROGRESS, monitor_config=config)  # type: ignore[arg-type]


def _check_out(name: str, check_in: str | None, *, is_well: bool, seconds: float) -> None:
    from sentry_sdk.crons import MonitorStatus, capture_checkin  # noqa: PLC0415

    status = MonitorStatus.OK if is_well else MonitorStatus.ERROR
    capture_checkin(name, check_in, status=status, duration=seconds)
