"""What a backfill brought, and how far each of Stripe's lists was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingress.cli import screen
from ingress.cli.database import connection
from shared import stripe_cursors
from shared.backfill import PREFIX, Page
from shared.backfill_cursor import UNDELIVERED
from shared.config import Settings
from shared.events import PLATFORM
from shared.moments import iso
from shared.rules.listing_window import HORIZON
from shared.stripe_cursors import Standing


@dataclass(slots=True)
class Told:
    """What one list gave."""

    account: str | None
    pages: int = 0
    listed: int = 0
    undelivered: int = 0
    others: int = 0
    complete: bool = False
    refused: str | None = None

    @property
    def brought(self) -> int:
        return self.undelivered + self.others

    def add(self, page: Page) -> None:
        self.pages += 1
        self.listed += page.listed
        if page.phase == UNDELIVERED:
            self.undelivered += page.brought
        else:
            self.others += page.brought
        self.complete = page.is_last

    def to_json(self) -> dict[str, object]:
        return {
            "account": self.account,
            "listed": self.listed,
            "brought": self.brought,
            "undelivered": self.undelivered,
            "complete": self.complete,
            "refused": self.refused,
        }


def tell(told: Sequence[Told], *, dry_run: bool, as_json: bool) -> None:
    brought = sum(one.brought for one in told)
    if as_json:
        screen.json_document({"dryRun": dry_run, "brought": brought, "lists": [one.to_json() for one in told]})
        return
    rows = (
        (one.account or PLATFORM, one.listed, one.undelivered, one.others, one.refused or one.complete)
        for one in told
        if one.pages or one.refused
    )
    columns = ("ACCOUNT", "LISTED", "UNDELIVERED", "LOST", "READ TO THE END")
    screen.show(screen.table(f"{brought} {'missing' if dry_run else 'brought'}", columns, rows))


def show_standing(settings: Settings, *, as_json: bool) -> None:
    with connection(settings) as conn:
        lists = stripe_cursors.standing(conn, PREFIX)
    horizon = datetime.now(UTC) - HORIZON
    if as_json:
        screen.json_document({"horizon": iso(horizon), "lists": [_to_json(one, horizon) for one in lists]})
        return
    rows = ((_account(one) or PLATFORM, one.done_until, one.found, one.phase, _left(one, horizon)) for one in lists)
    columns = ("ACCOUNT", "READ UNTIL", "BROUGHT", "IN HAND", "UNTIL STRIPE FORGETS")
    screen.show(screen.table("Stripe's lists of events", columns, rows))


def _to_json(one: Standing, horizon: datetime) -> dict[str, object]:
    return {
        "account": _account(one),
        "readUntil": iso(one.done_until),
        "readAt": iso(one.read_at),
        "inHand": one.window_until is not None,
        "brought": one.found,
        "beyondHorizon": one.done_until is not None and one.done_until < horizon,
    }


def _account(one: Standing) -> str | None:
    return one.name.removeprefix(PREFIX) or None


def _left(one: Standing, horizon: datetime) -> str | None:
    if one.done_until is None:
        return None
    days = (one.done_until - horizon) // timedelta(days=1)
    return f"{days} days" if days >= 0 else "past: a reconciliation finds what changed"
