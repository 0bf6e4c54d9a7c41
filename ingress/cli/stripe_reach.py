"""What the commands that ask Stripe share: the client, a pool, and now."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from ingress.cli.database import connection
from shared.config import Settings
from shared.db import Pool
from shared.stripe_api.building import build_or_raise
from shared.stripe_api.client import Limits, StripeApi

_LIMITS = Limits(connect_seconds=3.0, read_seconds=15.0, tries=3)


def client(settings: Settings) -> StripeApi:
    return build_or_raise(settings, _LIMITS)


@contextmanager
def pool(settings: Settings) -> Iterator[Pool]:
    # stdout is the answer's: a line of the log in it would be no JSON.
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    with connection(settings):  # says what is wrong, before a pool would only say that it has no connection
        pass
    opened = Pool(settings.database_url or "", name="command", size=2)
    try:
        yield opened
    finally:
        opened.close()
