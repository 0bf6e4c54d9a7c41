"""What a worker's child process lays out before its first task."""

import os
from dataclasses import dataclass, replace
from typing import Any, Protocol

from schemas.reading import Event
from shared import data_keys, processes
from shared.config import Settings
from shared.crypto import Reader
from shared.db import Pool
from shared.people_settings import policy_of
from shared.waking import Bell
from workers import comparing, handlers, observers
from workers.failure import flood_of, policies_of
from workers.ledger import Settlement
from workers.process import Processor


class StripeUpkeep(comparing.Stripe, Protocol):
    def backfill(self) -> int: ...
    def reconcile(self) -> int: ...
    def thin(self, event: Event) -> Settlement: ...


@dataclass(slots=True)
class Desk:
    """What this worker process works with; laid when the pool's child starts, never before the fork."""

    processor: Processor | None = None
    stripe: StripeUpkeep | None = None

    @property
    def laid(self) -> Processor:
        if self.processor is None:
            raise RuntimeError("a task ran outside a worker's child process")
        return self.processor

    def clear(self, **_: Any) -> None:
        if self.processor is not None:
            self.processor.observers.stop()

    def lay(self, settings: Settings) -> None:
        """In the child, for nothing that was opened before the fork may be used."""
        processor = _processor(settings)
        self.stripe = _stripe(settings, processor)
        self.processor = processor if self.stripe is None else replace(processor, thin=self.stripe.thin)


def _stripe(settings: Settings, processor: Processor) -> StripeUpkeep | None:
    if settings.stripe_api_key is None:
        return None
    # Stripe's library is large, and of no use to whoever has no key.
    from workers.stripe_upkeep import Upkeep  # noqa: PLC0415

    return Upkeep(settings, processor.pool, extra_types=tuple(processor.handlers))


def _processor(settings: Settings) -> Processor:
    settings.require("database_url", "unseal_private_key")
    assert settings.database_url is not None and settings.unseal_private_key is not None  # noqa: S101, PT018 - for mypy
    # The claim, the work and the note of its failure may each run into this and still end before the task's limit, so
    # that a database that hangs is told as that and not as a bug.
    timeout_ms = settings.soft_limit_seconds * 1000 // 4
    pool = Pool(
        settings.database_url,
        name="worker",
        size=2,
        statement_timeout_ms=timeout_ms,
        prepares=settings.prepared_statements,
    )
    return Processor(
        pool=pool,
        reader=Reader(settings.unseal_private_key, data_keys.fetcher(pool), earlier=settings.unseal_earlier_keys),
        policies=policies_of(settings),
        flood=flood_of(settings),
        lease_seconds={"crisis": settings.crisis_lease_seconds, "standard": settings.lease_seconds},
        livemode=settings.livemode,
        worker=processes.owner(os.environ.get("CARELANE_PROCESS", "worker")),
        handlers=handlers.load(),
        observers=observers.start(),
        access_policy=policy_of(settings),
        ring_owed=Bell(settings.redis_url).ring,
    )
