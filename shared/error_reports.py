"""Error reports to Sentry: what nobody expected, by kind and place, each kind once a minute.

What fails as it was foreseen (PostgreSQL is away, Stripe refuses, a payload has another shape) is counted, noticed and
alerted elsewhere and never reported here: whoever is woken by an error report finds a bug.
"""

import logging
import sys
import time
from collections.abc import Mapping
from typing import Any

from shared.config import Settings
from shared.errors import CarelaneError, IntegrityError
from shared.release import release
from shared.scrubbing import ALLOWED, Event, scrub, where

_EVERY_SECONDS = 60.0
_MOST_KINDS = 500
# Told without an exception, and all the same nothing that should ever happen.
ALARMS = frozenset({"access.violation", "backfill.horizon", "worker.wedged"})
# By name: the doors do not import what raises them.
_FORESEEN = frozenset({"SchemaError", "Unreadable", "SettingsError", "Retry", "Ignore", "Reject", "Fenced"})
_OF_CHECK_IN = frozenset({
    "type", "event_id", "check_in_id", "monitor_slug", "monitor_config", "status", "duration", "environment", "release",
    "timestamp",
})  # fmt: skip


class _Lately:
    """Which kinds were reported a moment ago: a bug in the way of every event need not be told for each."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, ...], float] = {}

    def was(self, kind: tuple[str, ...]) -> bool:
        now = time.monotonic()
        if self._until.get(kind, 0.0) > now:
            return True
        if len(self._until) >= _MOST_KINDS:
            self._until.clear()
        self._until[kind] = now + _EVERY_SECONDS
        return False


def start(settings: Settings, process: str) -> None:
    import sentry_sdk  # noqa: PLC0415 - a third of a second that a process without a DSN need not pay
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    lately = _Lately()

    def before_send(event: Any, hint: Mapping[str, Any]) -> Any:
        if event.get("type") == "check_in":  # of a job: workers/job_monitors.py
            return {name: event[name] for name in _OF_CHECK_IN & event.keys()}
        error = (hint.get("exc_info") or (None, None, None))[1]
        if error is not None and is_foreseen(error):
            return None
        action = (event.get("tags") or {}).get("action", "unhandled")
        kind = (action, type(error).__name__, where(error) if error is not None else "")
        return None if lately.was(kind) else scrub(event, hint) | {"fingerprint": list(kind)}

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        release=f"carelane@{release()}",
        environment=settings.environment,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        # None, not 0: with a rate, a caller's own `sentry-trace` header would have its request traced and sent.
        traces_sample_rate=None,
        before_send_transaction=lambda _transaction, _hint: None,
        server_name=process,
        before_send=before_send,
        auto_enabling_integrations=False,
        # A line of the log is no report by itself: `tell` decides.
        integrations=[LoggingIntegration(level=None, event_level=None), *_integrations()],
    )


def _integrations() -> list[Any]:
    """Those of what this process has loaded."""
    found: list[Any] = []
    if "flask" in sys.modules:
        from sentry_sdk.integrations.flask import FlaskIntegration  # noqa: PLC0415

        found.append(FlaskIntegration())
    if "celery" in sys.modules:
        from sentry_sdk.integrations.celery import CeleryIntegration  # noqa: PLC0415

        # Its messages carry row ids and nothing else; jobs of beat are watched by workers/job_monitors.py.
        found.append(CeleryIntegration(propagate_traces=False))
    return found


def is_foreseen(error: BaseException) -> bool:
    """Whether somebody thought of it; a body that does not open was thought of too, and somebody must look."""
    if isinstance(error, IntegrityError):
        return False
    return isinstance(error, CarelaneError) or type(error).__name__ in _FORESEEN


def tell(_logger: Any, _method: str, event: Event) -> Event:
    """A step of the log's: report an exception that is told at level error, and what is an alarm by itself."""
    if logging.getLevelNamesMapping().get(str(event.get("level")).upper(), 0) < logging.ERROR:
        return event
    error = _exception_of(event)
    if error is None and event.get("action") not in ALARMS:
        return event
    import sentry_sdk  # noqa: PLC0415 - as above

    with sentry_sdk.new_scope() as scope:
        for name in ALLOWED & event.keys() - {"event", "timestamp"}:
            scope.set_tag(name, str(event[name]))
        if error is None:
            sentry_sdk.capture_message(str(event["action"]), level="error")
        else:
            sentry_sdk.capture_exception(error)
    return event


def _exception_of(event: Event) -> BaseException | None:
    given = event.get("exc_info")
    record = event.get("_record")
    if not given and record is not None:
        given = record.exc_info
    found = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    return found if isinstance(found, BaseException) else None
