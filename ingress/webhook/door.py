"""The webhook door's process: `python -m ingress.serve ingress.webhook.door`."""

import time
from functools import partial

from prometheus_client import CollectorRegistry

from ingress.front import Front, Limits
from ingress.webhook import answers
from ingress.webhook.app import create_app
from ingress.webhook.armour import Armour
from ingress.webhook.committer import Committer
from ingress.webhook.express import Express
from ingress.webhook.flood import Flood
from ingress.webhook.metrics import Metrics
from ingress.webhook.receive import Door
from ingress.webhook.ringer import Ringer
from ingress.webhook.sources import SourceList
from ingress.webhook.upkeep import Upkeep
from ingress.wsgi import Answer
from shared import config, doorbells, priority, pulse, telemetry
from shared.db import Pool
from shared.inbox import Inbox

# Stripe waits for the answer to each of these, so both are short; what they cost is a delivery made later.
_KEEP_TIMEOUT_MS = 1300  # and half as much again when the server is frozen: within two seconds Stripe knows
_RING_TIMEOUT_SECONDS = 0.1
# A second one makes smaller groups of the same arrivals, and more work for each.
_COMMITTERS = 1


def create() -> Front:
    """Build the door from the environment; raises SettingsError when it cannot be used."""
    priority.go_soon()
    settings = config.load()
    settings.require("database_url", "webhook_secrets", "seal_public_key", "lookup_key")
    doorbell = doorbells.required(settings, timeout_seconds=_RING_TIMEOUT_SECONDS)
    telemetry.configure("webhook", settings)
    pool = Pool(
        settings.database_url or "",
        name="webhook",
        size=_COMMITTERS + 2,  # one more asks whether the door is ready, one tells what was not rung for, or refused
        statement_timeout_ms=_KEEP_TIMEOUT_MS,
        prepares=settings.prepared_statements,
    )
    inbox = Inbox(pool, public_key=settings.seal_public_key or b"", lookup_key=settings.lookup_key or b"")
    ringer = Ringer(doorbell, not_nudged=inbox.not_nudged)
    committer = Committer(inbox, ringer, threads=_COMMITTERS)
    metrics, armour = Metrics(CollectorRegistry()), _armour(settings)
    upkeep = Upkeep(armour, metrics, pool)
    door = Door(
        secrets=settings.webhook_secrets,
        max_body_bytes=settings.max_body_bytes,
        access_critical_types=settings.access_critical_types,
        keeper=committer,
        ready=inbox.ready,
        metrics=metrics,
        clock=time.time,
        armour=armour,
    )

    def close() -> None:
        committer.close()
        ringer.close()
        doorbell.close()
        upkeep.close()
        pool.close()

    limits = Limits(threads=settings.webhook_threads, max_body_bytes=settings.max_body_bytes)
    beat = partial(pulse.beat, settings.home, "webhook")
    return Front(
        create_app(door),
        limits,
        express=Express(door),
        refusal=lambda code: _counted(door, code),
        beat=beat,
        close=close,
    )


def _armour(settings: config.Settings) -> Armour:
    file = settings.sources_file
    return Armour(
        trusted=settings.trusted_proxies,
        flood=Flood(settings.unsigned_per_minute, clock=time.monotonic),
        sources=None if file is None else SourceList(file, copy=settings.home / "run" / "sources"),
        mode="enforce" if settings.sources_mode == "enforce" else "monitor",
    )


def _counted(door: Door, code: str) -> Answer:
    """What the front refuses never reaches the application, and is counted all the same."""
    door.metrics.count(code)
    return answers.refusal(code)
