"""From the settings to a client."""

import time

from shared import broker
from shared.config import Settings
from shared.stripe_api.breaker import Breaker
from shared.stripe_api.bucket import Bucket
from shared.stripe_api.client import Limits, StripeApi

_REDIS_SECONDS = 0.2


def build_or_raise(settings: Settings, limits: Limits) -> StripeApi:
    """Raise SettingsError without an API key."""
    settings.require("stripe_api_key")
    api = build(settings, limits=limits)
    assert api is not None  # noqa: S101 - for mypy
    return api


def build(settings: Settings, *, limits: Limits | None = None) -> StripeApi | None:
    """None without an API key. The breaker's state is shared where there is a REDIS_URL."""
    if settings.stripe_api_key is None:
        return None
    url = settings.redis_url
    client = broker.connect(url, timeout_seconds=_REDIS_SECONDS) if url else None
    return StripeApi(
        settings.stripe_api_key,
        base=settings.stripe_api_base,
        bucket=Bucket(settings.stripe_rate, burst=settings.stripe_rate, clock=time.monotonic, sleep=time.sleep),
        breaker=Breaker(
            client, failures=settings.stripe_breaker_failures, rest_seconds=settings.stripe_breaker_seconds
        ),
        limits=limits,
    )
