"""`carelane backfill`: brings events from Stripe's list that never arrived; gone on with where it was left."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click
from rich.progress import Progress

from ingress.cli import environment, options, screen, stripe_reach
from ingress.cli.cancelling import cancellable
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import stripe_cursors, stripe_desk
from shared.backfill import PREFIX, UNDELIVERED, Backfill, Page
from shared.config import Settings
from shared.events import PLATFORM
from shared.moments import iso
from shared.rules.listing_window import FIRST_LOOK, HORIZON


@dataclass(slots=True)
class _Told:
    """What one list gave."""

    account: str | None
    listed: int = 0
    undelivered: int = 0
    others: int = 0
    complete: bool = False
    pages: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, page: Page) -> None:
        self.pages += 1
        self.listed += page.listed
        self.undelivered += page.brought if page.phase == UNDELIVERED else 0
        self.others += 0 if page.phase == UNDELIVERED else page.brought
        self.complete = page.is_last

    def to_json(self) -> dict[str, object]:
        return {
            "account": self.account,
            "listed": self.listed,
            "brought": self.undelivered + self.others,
            "undelivered": self.undelivered,
            "complete": self.complete,
        }


@click.command()
@click.option(
    "--account", "accounts", multiple=True, type=options.word, metavar="acct_…", help="Of these accounts only."
)
@options.time("--since", help="Read once more from this time on, or this age back (24h, 7d); 30 days at most.")
@click.option("--dry-run", is_flag=True, help="Show what is missing and bring nothing.")
@click.option("--status", "only_status", is_flag=True, help="Show how far each list was read; ask nobody.")
@options.as_json
def backfill(
    *, accounts: Sequence[str], since: datetime | None, dry_run: bool, only_status: bool, as_json: bool
) -> None:
    """Bring events from Stripe's list that never arrived.

    They go the same way as all others, marked as backfilled; what is here already stays as it is. A run that was
    stopped is gone on with by the next one. Stripe lists events of 30 days.
    """
    settings = environment.settings()
    if only_status:
        _show_standing(settings, as_json=as_json)
        return
    now = datetime.now(UTC)
    if since is not None and since < now - HORIZON:
        click.echo("Stripe lists events of 30 days only: what is older, `carelane reconcile` finds.", err=True)
        since = now - HORIZON
    api = stripe_reach.client(settings)
    with stripe_reach.pool(settings) as pool, cancellable() as stopped:
        filler = stripe_desk.backfill(settings, api, pool, dry_run=dry_run)
        begin = since or now - FIRST_LOOK
        lists: Sequence[str | None] = accounts or _learned(filler, begin)
        told = [_Told(account) for account in lists]
        for one in _progress(told):
            if stopped():
                break
            with closing(filler.read(one.account, now=now, begin=begin, again_from=since)) as pages:
                for page in pages:
                    one.add(page)
                    if stopped():
                        break
    _tell(told, dry_run=dry_run, as_json=as_json)


def _learned(filler: Backfill, begin: datetime) -> list[str | None]:
    for _ in filler.learn_accounts(begin=begin):
        pass
    return filler.lists()


def _progress(told: Sequence[_Told]) -> Iterator[_Told]:
    stderr = screen.console(sys.stderr)
    with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        bar = progress.add_task("Reading Stripe's lists", total=len(told))
        for one in told:
            yield one
            progress.advance(bar)


def _tell(told: Sequence[_Told], *, dry_run: bool, as_json: bool) -> None:
    brought = sum(one.undelivered + one.others for one in told)
    if as_json:
        screen.json_document({"dryRun": dry_run, "brought": brought, "lists": [one.to_json() for one in told]})
    else:
        rows = (
            (one.account or PLATFORM, one.listed, one.undelivered, one.others, "yes" if one.complete else "no")
            for one in told
            if one.pages
        )
        columns = ("ACCOUNT", "LISTED", "UNDELIVERED", "LOST", "READ TO THE END")
        screen.show(screen.table(f"{brought} {'missing' if dry_run else 'brought'}", columns, rows))
    if not all(one.complete for one in told):
        raise Failed("Not every list was read to its end: another reads it, or you stopped it. Run it again.")


def _show_standing(settings: Settings, *, as_json: bool) -> None:
    with connection(settings) as conn:
        lists = stripe_cursors.standing(conn, PREFIX)
    horizon = datetime.now(UTC) - HORIZON
    if as_json:
        document = [
            {
                "account": one.name.removeprefix(PREFIX) or None,
                "readUntil": iso(one.done_until),
                "readAt": iso(one.read_at),
                "inHand": one.window_until is not None,
                "brought": one.found,
                "beyondHorizon": _is_beyond(one.done_until, horizon),
            }
            for one in lists
        ]
        screen.json_document({"horizon": iso(horizon), "lists": document})
        return
    rows = (
        (
            one.name.removeprefix(PREFIX) or PLATFORM,
            one.done_until,
            one.found,
            one.phase or "-",
            "events are lost to the list" if _is_beyond(one.done_until, horizon) else _left(one.done_until, horizon),
        )
        for one in lists
    )
    columns = ("ACCOUNT", "READ UNTIL", "BROUGHT", "IN HAND", "UNTIL STRIPE FORGETS")
    screen.show(screen.table("Stripe's lists of events", columns, rows))


def _is_beyond(done_until: datetime | None, horizon: datetime) -> bool:
    return done_until is not None and done_until < horizon


def _left(done_until: datetime | None, horizon: datetime) -> str | None:
    return None if done_until is None else f"{(done_until - horizon) // timedelta(days=1)} days"
