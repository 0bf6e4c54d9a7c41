"""`carelane backfill`: brings events from Stripe's list that never arrived; gone on with where it was left."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime

import click
from rich.progress import Progress

from ingress.cli import backfill_report, environment, options, screen, stripe_reach
from ingress.cli.backfill_report import Told
from ingress.cli.cancelling import cancellable
from ingress.cli.faults import Failed
from shared import extension_types, stripe_desk
from shared.backfill import Backfill, Page
from shared.errors import StripeRefuses
from shared.events import PLATFORM
from shared.rules.listing_window import FIRST_LOOK, HORIZON


@click.command()
@click.option(
    "--account",
    "accounts",
    multiple=True,
    type=options.word,
    metavar="acct_…",
    help="Of these only, repeatable; `none`: the platform's own.",
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
        backfill_report.show_standing(settings, as_json=as_json)
        return
    api = stripe_reach.client(settings)
    since = _within_horizon(since)
    with stripe_reach.pool(settings) as pool:
        # As the workers do: what this one passes by, the cursor has passed.
        filler = stripe_desk.backfill(settings, api, pool, extra_types=extension_types.handled(), dry_run=dry_run)
        told = _read(filler, accounts, since)
    backfill_report.tell(told, dry_run=dry_run, as_json=as_json)
    if not all(one.complete for one in told):
        raise Failed("Not every list was read to its end: another reads it, Stripe refused, or you stopped it.")


def _within_horizon(since: datetime | None) -> datetime | None:
    horizon = datetime.now(UTC) - HORIZON
    if since is None or since >= horizon:
        return since
    click.echo("Stripe lists events of 30 days only: what changed before, `carelane reconcile` finds.", err=True)
    return horizon


def _read(filler: Backfill, accounts: Sequence[str], since: datetime | None) -> list[Told]:
    now = datetime.now(UTC)
    # A list that was never read is not begun later for that only a part of it was asked for.
    begin = min(since or now, now - FIRST_LOOK)
    with cancellable() as stopped:
        told = [Told(_named(account)) for account in accounts or _learned(filler, begin)]
        for one in _progress(told):
            with closing(filler.read(one.account, now=now, begin=begin, again_from=since)) as pages:
                _read_one(one, pages, stopped)
    return told


def _named(account: str | None) -> str | None:
    """`none` is the platform's own, as in all commands."""
    return None if account == PLATFORM else account


def _read_one(one: Told, pages: Iterator[Page], stopped: Callable[[], bool]) -> None:
    """A wish to stop is looked at between two pages, and leaves the other lists unread."""
    try:
        while not stopped() and (page := next(pages, None)) is not None:
            one.add(page)
    except StripeRefuses as error:  # of one account; the others may be read all the same
        one.refused = str(error)


def _learned(filler: Backfill, begin: datetime) -> list[str | None]:
    for _ in filler.learn_accounts(begin=begin):
        pass
    return filler.lists()


def _progress(told: Sequence[Told]) -> Iterator[Told]:
    stderr = screen.console(sys.stderr)
    with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        bar = progress.add_task("Reading Stripe's lists", total=len(told))
        for one in told:
            yield one
            progress.advance(bar)
