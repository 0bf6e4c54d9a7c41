"""Backfill: finds events that never arrived in Stripe's list of events, and keeps them as if they had.

A page is one request and one transaction: what it lacked is kept before the cursor moves on, so that whatever happens
in between is done again and nothing is left out.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from schemas import catalog
from shared import audit, fetched_arrivals, stripe_cursors, stripe_objects
from shared.db import Pool
from shared.errors import CannotKeep, StripeRefuses
from shared.inbox import Inbox
from shared.rules.listing_window import Window, window
from shared.stripe_api.client import StripeApi
from shared.stripe_api.trouble import garbage
from shared.stripe_cursors import Cursor

log = structlog.get_logger(__name__)

PREFIX = "events:"
_ACCOUNTS = "accounts"
_PAGE = 100
# What Stripe knows that it could not deliver comes first; then all, for it believes to have delivered what we lost.
UNDELIVERED, ALL = "undelivered", "all"


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

    def read(
        self, account: str | None, *, now: datetime, begin: datetime, again_from: datetime | None = None
    ) -> Generator[Page]:
        """Go on with this account's list, page by page, until its end; nothing while another reads it.

        `begin` is where a list starts that was never read; `again_from` reads from then on once more. The caller may
        stop between two pages. Raises StripeAway and StripeRefuses with the cursor where it was.
        """
        cursor = stripe_cursors.take(self.pool, f"{PREFIX}{account or ''}", begin=begin)
        if cursor is None:
            return
        try:
            if again_from is not None:
                cursor = replace(cursor, done_until=again_from, window_until=None)
            if cursor.window_until is None:
                cursor = replace(cursor, window_until=now, phase=UNDELIVERED, after_id=None, report={})
            part = window(cursor.done_until or begin, cursor.window_until or now, now=now)
            self._warn(account, part)
            while cursor.window_until is not None:
                cursor, page = self._page(account, cursor, part)
                yield page
        except StripeRefuses:
            # As of an account that took its leave: it is asked again when its turn comes, not all the time.
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
        events, has_more = self._ask(account, cursor, part)
        brought = self._bring(account, [event for event in events if event["type"] in self.types])
        after = _counted(_after(cursor, events, has_more=has_more), listed=len(events), brought=brought)
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

    def _ask(self, account: str | None, cursor: Cursor, part: Window) -> tuple[list[dict[str, Any]], bool]:
        listed = self.api.get(
            "/v1/events",
            account=account,
            limit=_PAGE,
            created={"gte": int(part.begin.timestamp()), "lt": int(part.end.timestamp()) + 1},
            starting_after=cursor.after_id,
            delivery_success="false" if cursor.phase == UNDELIVERED else None,
        ).document
        events = listed.get("data")
        if not isinstance(events, list) or not all(map(_is_event, events)):
            raise garbage()
        return events, listed.get("has_more") is True and bool(events)

    def _bring(self, account: str | None, events: list[dict[str, Any]]) -> int:
        if not events:
            return 0
        with self.pool.transaction() as conn:
            unknown = stripe_cursors.unknown(conn, [event["id"] for event in events], account)
        missing = [event for event in events if event["id"] in unknown]
        if missing and not self.dry_run:
            self._keep(account, missing)
        return len(missing)

    def _keep(self, account: str | None, missing: list[dict[str, Any]]) -> None:
        critical = self.access_critical_types
        arrivals = [
            fetched_arrivals.of_event(event, account=account, access_critical_types=critical) for event in missing
        ]
        # Nobody rings for them: the relay does within half a second, in the order of the lanes.
        for kept in self.inbox.keep_many(arrivals, nudged=[False] * len(arrivals)):
            if isinstance(kept, CannotKeep):
                raise kept
        log.warning("events that never arrived were found", action="backfill.brought", count=len(missing))

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


def _after(cursor: Cursor, events: list[dict[str, Any]], *, has_more: bool) -> Cursor:
    if has_more:
        return replace(cursor, after_id=events[-1]["id"])
    if cursor.phase == UNDELIVERED:
        return replace(cursor, phase=ALL, after_id=None)
    return replace(cursor, done_until=cursor.window_until, window_until=None, phase=None, after_id=None)


def _counted(cursor: Cursor, **more: int) -> Cursor:
    return replace(cursor, report={name: cursor.report.get(name, 0) + count for name, count in more.items()})


def _is_event(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and isinstance(event.get("id"), str)
        and isinstance(event.get("type"), str)
        and type(event.get("created")) is int
    )
