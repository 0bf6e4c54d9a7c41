"""Logs, error reports and traces of a process; what may be said in them is decided in `scrubbing`."""

import logging
import sys
from typing import Any

import structlog

from shared import error_reports, tracing
from shared.config import Settings
from shared.scrubbing import Event, name_exception, only_allowed


def configure(process: str, settings: Settings) -> None:
    """Set up this process's logs (JSON lines on stderr; readable on a terminal); Sentry and traces where wanted."""

    def name_process(_logger: Any, _method: str, event: Event) -> Event:
        event["process"] = process
        return event

    shared_steps: list[Any] = [
        structlog.contextvars.merge_contextvars,
        name_process,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *([error_reports.tell] if settings.sentry_dsn else []),
        name_exception,
        only_allowed,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[*shared_steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared_steps,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # At DEBUG its library writes Stripe's answers down, whole.
    logging.getLogger("stripe").setLevel(max(root.level, logging.INFO))
    if settings.sentry_dsn:
        error_reports.start(settings, process)
    tracing.start(settings, process)
