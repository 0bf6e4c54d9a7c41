"""Backfill and reconciliation as the settings want them, for whoever runs them: beat's tasks or a command."""

from collections.abc import Iterable

from schemas import catalog
from shared import crypto
from shared.backfill import Backfill
from shared.config import Settings
from shared.db import Pool
from shared.inbox import BACKFILL, RECONCILE, Inbox
from shared.reconcile import Reconciler
from shared.reconcile_run import Run
from shared.stripe_api.client import StripeApi
from shared.stripe_modes import mode_of


def backfill(
    settings: Settings, api: StripeApi, pool: Pool, *, extra_types: Iterable[str] = (), dry_run: bool = False
) -> Backfill:
    """`extra_types` are those that extensions handle."""
    return Backfill(
        api=api,
        pool=pool,
        inbox=inbox(settings, pool, BACKFILL),
        access_critical_types=settings.access_critical_types,
        types=frozenset(catalog.EVENT_TYPES) | frozenset(extra_types),
        dry_run=dry_run,
    )


def reconciliation(settings: Settings, api: StripeApi, pool: Pool, *, actor: str, dry_run: bool = False) -> Run:
    reconciler = Reconciler(pool=pool, inbox=inbox(settings, pool, RECONCILE), actor=actor, dry_run=dry_run)
    mode = mode_of(settings.stripe_api_key)
    return Run(api=api, pool=pool, reconciler=reconciler, sample=settings.reconcile_sample, livemode=mode)


def inbox(settings: Settings, pool: Pool, source: str) -> Inbox:
    """An inbox for what was not delivered. Sealing needs the public key, which the private one tells as well."""
    settings.require("lookup_key")
    public_key = settings.seal_public_key
    if public_key is None:
        settings.require("unseal_private_key")
        public_key = crypto.public_key_of(settings.unseal_private_key or b"")
    return Inbox(pool, public_key=public_key, lookup_key=settings.lookup_key or b"", source=source)
