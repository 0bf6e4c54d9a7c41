"""Backfill: finds events that never arrived in Stripe's list of events, and keeps them as if they had.

A page is one request and one transaction: what it lacked is kept before the cursor moves on, so that whatever happens
in between is done again and nothing is left out.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from schemas import catalog
from shared import audit, backfill_cursor, fetched_arrivals, stripe_cursors, stripe_lists, stripe_objects
from shared.backfill_cursor import ALL, UNDELIVERED
from shared.db import Pool
from shared.errors import CannotKeep, StripeRefuses
from shared.inbox import Inbox
from shared.rules.listing_window import Window
from shared.stripe_api.client import StripeApi
from shared.stripe_api.trouble import garbage
from shared.stripe_cursors import Cursor
from shared.stripe_lists import Listed

log = structlog.get_logger(__name__)

PREFIX = "events:"
_ACCOUNTS = "accounts"


@dataclass(frozen=True, slots=True)
class Page:
    """One page read: how many events were listed, how many of them had never arrived."""

    account: str | None
    phase: str
    listed: int
    brought: int
    reached: datetime | None
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfill:
    """`types` are those that the application has a use for; the endpoint was asked for no others."""

    api: StripeApi
    pool: Pool
    inbox: Inbox
    access_critical_types: frozenset[str]
    types: frozenset[str] = frozenset(catalog.EVENT_TYPES)
    dry_run: bool = False
    # What a dry run has shown already: it stands in both phases of a list.
    _shown: set[str] = field(default_factory=set, repr=False)

    def read(
        self, account: str | None, *, now: datetime, begin: datetime, again_from: datetime | None = None
    ) -> Generator[Page]:
        """Go on with this account's list, page by page, until its end; nothing while another reads it.

        `begin` is where a list starts that was never read; from `again_from` on it is read once more. The caller may
        stop between two pages. Raises StripeAway and StripeRefuses with the cursor where it was.
        """
        cursor = stripe_cursors.take(self.pool, f"{PREFIX}{account or ''}", begin=begin)
        if cursor is None:
            return
        try:
            cursor, part, is_new = backfill_cursor.opened(cursor, now=now, begin=begin, again_from=again_from)
            while cursor.window_until is not None:
                cursor, page = self._page(account, cursor, part)
                if is_new:  # and Stripe lists it at all
                    self._warn(account, part)
                is_new = False
                yield page
        except StripeRefuses:
            # As of an account that took its leave: it is asked again when its turn comes, not all the time.
            if not self.dry_run:
                self._save(replace(cursor, window_until=None, phase=None, after_id=None), 0)
            raise
        finally:
            stripe_cursors.give_back(self.pool, cursor)

    def learn_accounts(self, *, begin: datetime) -> Generator[int]:
        """Ask Stripe for connected accounts, the newest first, until a page names none that is new; how many were.

        An account of which every event was lost would otherwise never be looked for.
        """
        cursor = stripe_cursors.take(self.pool, _ACCOUNTS)
        if cursor is None:
            return
        try:
            is_over = False
            while not is_over:
                ids, after_id = stripe_objects.accounts(self.api, cursor.after_id)
                with self.pool.transaction() as conn:
                    new = stripe_cursors.note(conn, [f"{PREFIX}{account}" for account in ids], begin)
                    is_over = not new or after_id is None
                    cursor = replace(cursor, after_id=None if is_over else after_id)
                    stripe_cursors.save(conn, cursor)
                yield new
        finally:
            stripe_cursors.give_back(self.pool, cursor)

    def lists(self) -> list[str | None]:
        """The accounts whose events are to be read: the platform's own (None) first."""
        with self.pool.transaction() as conn:
            return [None, *stripe_cursors.accounts(conn, PREFIX)]

    def _page(self, account: str | None, cursor: Cursor, part: Window) -> tuple[Cursor, Page]:
        listed = self._ask(account, cursor, part)
        events = listed.documents
        brought = self._bring(account, [event for event in events if event["type"] in self.types])
        after = backfill_cursor.counted(
            backfill_cursor.after(backfill_cursor.bounded(cursor, listed), listed), listed=len(events), brought=brought
        )
        if not self.dry_run:
            self._save(after, brought)
        reached = datetime.fromtimestamp(events[-1]["created"], part.end.tzinfo) if events else None
        phase = cursor.phase or ALL
        return after, Page(account, phase, len(events), brought, reached, after.window_until is None)

    def _save(self, cursor: Cursor, brought: int) -> None:
        with self.pool.transaction() as conn:
            stripe_cursors.save(conn, cursor, found=brought)
            if brought:
                told = {"count": brought}
                audit.record(conn, actor="backfill", act="backfill.brought", object=cursor.name, after=told)

    def _ask(self, account: str | None, cursor: Cursor, part: Window) -> Listed:
        listed = stripe_lists.page(
            self.api,
            "/v1/events",
            account=account,
            after_id=cursor.after_id,
            created={"gte": int(part.begin.timestamp()), "lt": int(part.end.timestamp()) + 1},
            delivery_success="false" if cursor.phase == UNDELIVERED else None,
        )
        if not all(map(_is_event, listed.documents)):
            raise garbage()
        return listed

    def _bring(self, account: str | None, events: list[dict[str, Any]]) -> int:
        if not events:
            return 0
        with self.pool.transaction() as conn:
            unknown = stripe_cursors.unknown(conn, [event["id"] for event in events], account)
        if self.dry_run:
            new = unknown - self._shown
            self._shown.update(new)
            return len(new)
        missing = [event for event in events if event["id"] in unknown]
        return self._keep(account, missing) if missing else 0

    def _keep(self, account: str | None, missing: list[dict[str, Any]]) -> int:
        critical = self.access_critical_types
        arrivals = [
            fetched_arrivals.of_event(event, account=account, access_critical_types=critical) for event in missing
        ]
        brought = 0
        # Nobody rings for them: the relay does within half a second, in the order of the lanes.
        for kept in self.inbox.keep_many(arrivals, nudged=[False] * len(arrivals)):
            if isinstance(kept, CannotKeep):
                raise kept
            brought += not kept.duplicate
        log.warning("events that never arrived were found", action="backfill.brought", count=brought)
        return brought

    def _warn(self, account: str | None, part: Window) -> None:
        if part.lost_from is None or self.dry_run:
            return
        log.error("a part of Stripe's events can be listed no more", action="backfill.horizon")
        told = {"from": part.lost_from.isoformat(), "until": part.begin.isoformat()}
        with self.pool.transaction() as conn:
            audit.record(
                conn,
                actor="backfill",
                act="backfill.horizon",
                object=f"{PREFIX}{account or ''}",
                reason="Stripe lists events of 30 days; what changed before that, a reconciliation finds",
                after=told,
            )


def _is_event(event: dict[str, Any]) -> bool:
    return isinstance(event.get("type"), str) and type(event.get("created")) is int
