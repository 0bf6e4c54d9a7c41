"""Logs and Sentry of a process; what may be said in them is decided in `scrubbing`."""

import logging
import sys
from typing import Any

import structlog

from shared.config import Settings
from shared.scrubbing import Event, name_exception, only_allowed, scrub


def configure(process: str, settings: Settings) -> None:
    """Set up this process's logs (JSON lines on stderr; readable ones on a terminal) and Sentry, if it has a DSN."""

    def name_process(_logger: Any, _method: str, event: Event) -> Event:
        event["process"] = process
        return event

    shared_steps: list[Any] = [
        name_process,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
        _start_sentry(settings.sentry_dsn, process)


def _start_sentry(dsn: str, process: str) -> None:
    import sentry_sdk  # noqa: PLC0415 - a third of a second that a process without a DSN need not pay

    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        # None, not 0: with a rate, a caller's own `sentry-trace` header would have its request traced and sent.
        traces_sample_rate=None,
        before_send_transaction=lambda _transaction, _hint: None,
        server_name=process,
        before_send=scrub,
    )
