"""The webhook door's own objects in this process, without the server around them: they verify, keep and ring."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import click

from bench import servers, signed
from bench.servers import Services
from ingress.webhook import signature
from shared import arrivals, config, doorbells
from shared.arrivals import Arrival
from shared.config import Settings
from shared.db import Pool
from shared.doorbells import Doorbell
from shared.inbox import Inbox

_RING_TIMEOUT_SECONDS = 5.0
_KEEP_TIMEOUT_MS = 1300


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One for each run, on a database of its own."""

    settings: Settings = field(repr=False)
    inbox: Inbox
    doorbell: Doorbell

    def admit(self, delivery: signed.Delivery) -> Arrival:
        """As the door does before it keeps one."""
        now, body = int(time.time()), delivery.body
        verdict = signature.verify(delivery.header, body, secrets=self.settings.webhook_secrets, now=now)
        if isinstance(verdict, signature.Refused):
            raise click.ClickException(f"a delivery was refused: {verdict.code}")
        return arrivals.read(
            body,
            access_critical_types=self.settings.access_critical_types,
            signed_at=verdict.signed_at,
            secret_name=verdict.secret_name,
        )


def deliveries(count: int) -> list[signed.Delivery]:
    return list(signed.deliveries(signed.Wish(count=count)))


@contextmanager
def door(services: Services) -> Iterator[Door]:
    database_url = services.new_database("parts")
    programs = servers.carelane(services.home / "parts", database_url=database_url, redis_url=services.redis_url)
    settings = config.load(programs["webhook"].environ)
    with ExitStack() as stack:
        pool = Pool(
            database_url,
            name="bench",
            size=1,
            statement_timeout_ms=_KEEP_TIMEOUT_MS,
            prepares=settings.prepared_statements,
        )
        stack.callback(pool.close)
        yield Door(
            settings=settings,
            inbox=Inbox(pool, public_key=settings.seal_public_key or b"", lookup_key=settings.lookup_key or b""),
            doorbell=stack.enter_context(closing(doorbells.required(settings, timeout_seconds=_RING_TIMEOUT_SECONDS))),
        )
