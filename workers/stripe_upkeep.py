"""Backfill and reconciliation on beat: a few seconds at a time, so that no worker is held for long.

They ride the standard queue. A crisis has workers of its own, and one that serves both lanes is free again in seconds.
"""

import time
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog

from schemas.reading import Event
from shared import comparisons, parking, stripe_cursors, stripe_desk
from shared.backfill import PREFIX
from shared.comparisons import Result, Taken
from shared.config import Settings
from shared.db import Pool
from shared.errors import StripeAway, StripeRefuses
from shared.inbox import BACKFILL, RECONCILE
from shared.reconcile_run import NAME
from shared.rules.listing_window import FIRST_LOOK
from shared.stripe_api.building import build_or_raise
from shared.stripe_api.client import Limits
from shared.stripe_cursors import LeaseLost, Standing
from shared.stripe_modes import KEYS, mode_of
from workers import metrics
from workers.ledger import Settlement
from workers.thin import Thin
from workers.work import STRIPE_API_KEY

T = TypeVar("T")

log = structlog.get_logger(__name__)

# What is begun by then ends in time for the task's own limit, even when Stripe is slow.
_SLICE_SECONDS = 3.0
_LIMITS = Limits(connect_seconds=1.0, read_seconds=4.0, tries=1)
# A state that rests on a guess is asked about for so long after the guess; then a whole run asks, once a day.
_DOUBT_SECONDS = 600
# Inside one attempt at an event, which on the crisis lane has three seconds in all.
_LIMITS_OF_EVENTS = Limits(connect_seconds=0.5, read_seconds=1.0, tries=1)


class Upkeep:
    """One for each worker process; `extra_types` are those of events that extensions handle."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        *,
        extra_types: Iterable[str] = (),
        slice_seconds: float = _SLICE_SECONDS,
    ) -> None:
        api = build_or_raise(settings, _LIMITS)
        self._settings = settings
        self._api = api
        self._pool = pool
        self._slice_seconds = slice_seconds
        self._backfill = stripe_desk.backfill(settings, api, pool, extra_types=extra_types)
        self._reconciliation = stripe_desk.reconciliation(settings, api, pool, actor="reconcile")
        mode = mode_of(settings.stripe_api_key)
        self._keys = [STRIPE_API_KEY, *(KEYS[one] for one in KEYS if mode in {None, one})]
        self._thin = Thin(
            api.hurried(_LIMITS_OF_EVENTS),
            pool,
            snapshots=stripe_desk.inbox(settings, pool, BACKFILL),
            objects=stripe_desk.inbox(settings, pool, RECONCILE),
            access_critical_types=settings.access_critical_types,
            livemode=mode,
        )

    def thin(self, event: Event) -> Settlement:
        return self._thin.settle(event)

    def compare(self, wanted: Taken) -> Result:
        """What somebody asked for, now: as many as there is time for, and one at least. Raises StripeAway."""
        until = time.monotonic() + self._slice_seconds
        run = stripe_desk.reconciliation(
            self._settings, self._api, self._pool, actor=wanted.actor, dry_run=wanted.dry_run
        )
        with self._pool.transaction() as conn:
            rows = comparisons.objects(conn, wanted.names, livemode=run.livemode)
        compared, findings = 0, []
        for found in run.chosen(rows):
            compared += 1
            findings += [finding.to_json() for finding in found]
            if time.monotonic() >= until:
                break
        return Result(len(rows), compared, findings)

    def backfill(self) -> int:
        """Read the lists that are due, the platform's own first; how many missing events were brought."""
        now, until = datetime.now(UTC), time.monotonic() + self._slice_seconds
        before = now - timedelta(minutes=self._settings.backfill_minutes)
        with self._pool.transaction() as conn:
            for key in self._keys:  # here is one: what came before it is tried again
                parking.wake(conn, key)
        brought = 0
        due = self._due(before)
        if None in due:  # as often as the platform's own list is read, its accounts are asked for
            for _ in _slice(self._backfill.learn_accounts(begin=now - FIRST_LOOK), until):
                due = self._due(before)
        for account in due:
            for page in _slice(self._backfill.read(account, now=now, begin=now - FIRST_LOOK), until):
                brought += page.brought
            if time.monotonic() >= until:
                break
        metrics.BACKFILLED.inc(brought)
        return brought

    def reconcile(self) -> int:
        """Go on with the run in hand, or begin one when it is time; how many subjects had drifted.

        What came in doubt goes first: a run may be in hand for hours.
        """
        now, until = datetime.now(UTC), time.monotonic() + self._slice_seconds
        drifted = self._settle_doubt()
        if not self._is_time(now):
            return drifted
        for step in _slice(self._reconciliation.steps(now=now), until):
            drifted += len(step.findings)
            for finding in step.findings:
                metrics.DRIFTED.labels(finding.drift.kind.value).inc()
        return drifted

    def _settle_doubt(self) -> int:
        try:
            return len(self._reconciliation.settle_doubt(within_seconds=_DOUBT_SECONDS))
        except (StripeAway, StripeRefuses) as error:
            log.warning("Stripe could not be asked", action="stripe.away", code=error.code)
            return 0

    def _due(self, before: datetime) -> list[str | None]:
        """What is half read goes first, then what was longest not read."""
        with self._pool.transaction() as conn:
            known = {one.name: one for one in stripe_cursors.standing(conn, PREFIX)}
        turns = {account: _turn(known.get(f"{PREFIX}{account or ''}")) for account in self._backfill.lists()}
        return sorted((one for one in turns if turns[one] < (True, before)), key=lambda one: turns[one])

    def _is_time(self, now: datetime) -> bool:
        with self._pool.transaction() as conn:
            standing = next((one for one in stripe_cursors.standing(conn, NAME) if one.name == NAME), None)
        if standing is None or standing.window_until is not None or standing.read_at is None:
            return True
        return now - standing.read_at >= timedelta(hours=self._settings.reconcile_hours)


def _turn(standing: Standing | None) -> tuple[bool, datetime]:
    never = datetime.fromtimestamp(0, UTC)
    if standing is None:
        return True, never
    return standing.window_until is None, standing.read_at or never


def _slice(steps: Generator[T], until: float) -> Iterator[T]:
    """As many as fit; a Stripe that is away or refuses ends it, and the next beat goes on from there."""
    try:
        for step in steps:
            yield step
            if time.monotonic() >= until:
                return
    except LeaseLost:
        return
    except (StripeAway, StripeRefuses) as error:
        log.warning("Stripe could not be asked", action="stripe.away", code=error.code)
    finally:
        steps.close()  # so that the list is given back at once
