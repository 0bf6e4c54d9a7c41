"""`carelane dead requeue`: sends dead letters on again, named ones or all that a filter matches."""

from typing import Any

import click

from ingress.cli import environment, options, requeue_run, screen
from ingress.cli.database import connection
from ingress.cli.dead_filters import causes_table, filters
from ingress.cli.faults import Failed
from ingress.cli.requeue_run import Work
from shared import dead_letters, events
from shared.config import Settings
from shared.dead_letters import Filter

_LONGEST_REASON = 500


@click.command()
@click.argument("ids", metavar="[ID]…", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every dead letter that was not discarded.")
@options.together(filters, options.account, options.livemode)
@click.option("--reason", help="Why; it stays in the audit trail. Mandatory, but for --dry-run.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would be requeued and change nothing.")
@options.as_json
def requeue(*, reason: str | None, yes: bool, dry_run: bool, as_json: bool, **which: Any) -> None:
    """Send dead letters on again: the IDs named, or all that the filters match.

    Each begins a new series of attempts; the attempts of the old one stay on record. An ID is an evt_… id, or a row as
    '#123'; --account, --livemode and --testmode tell apart those that share an id.
    """
    ids, everything, livemode = (which.pop(name) for name in ("ids", "everything", "livemode"))
    wanted = Filter(**which)
    _refuse_misuse(ids, wanted, everything=everything, livemode=livemode)
    why = "" if dry_run else _checked(reason)
    settings = environment.settings()
    work = _named(settings, ids, wanted, livemode=livemode) if ids else _matching(settings, wanted, quiet=as_json)
    outcomes = list(work.refused)
    try:
        if not dry_run and work.matched:
            if not yes:
                click.confirm(f"Requeue {work.matched} dead letter(s)?", abort=True, err=True)
            requeue_run.carry_out(settings, work, reason=why, outcomes=outcomes)
    finally:  # what was done is told even when the database goes away half-way
        requeue_run.tell(work, outcomes, dry_run=dry_run, as_json=as_json)
    if any(outcome.outcome != "requeued" for outcome in outcomes):
        raise Failed("Not all of it could be requeued.")


def _refuse_misuse(ids: tuple[str, ...], wanted: Filter, *, everything: bool, livemode: bool | None) -> None:
    filtered = not wanted.matches_everything()
    if sum((bool(ids), everything, filtered)) == 0:
        raise click.UsageError("Name IDs, filters, or --all.")
    if ids and (everything or Filter(account=wanted.account) != wanted):
        raise click.UsageError("With IDs only --account, --livemode and --testmode may be given.")
    if everything and filtered:
        raise click.UsageError("--all and filters contradict each other.")
    if livemode is not None and not ids:
        raise click.UsageError("--livemode and --testmode tell apart IDs; they are no filter.")


def _checked(reason: str | None) -> str:
    if not reason or not reason.strip():
        raise click.UsageError("A --reason is needed: it stays in the audit trail.")
    if len(reason) > _LONGEST_REASON:
        raise click.UsageError(f"The reason is longer than {_LONGEST_REASON} characters.")
    return reason.strip()


def _named(settings: Settings, ids: tuple[str, ...], wanted: Filter, *, livemode: bool | None) -> Work:
    with connection(settings) as conn:
        found = events.find(conn, list(dict.fromkeys(ids)), account=wanted.account, livemode=livemode)
    targets, refused = dead_letters.plan(found)
    return Work(len(targets), tuple(refused), lambda _: requeue_run.chunks(targets))


def _matching(settings: Settings, wanted: Filter, *, quiet: bool) -> Work:
    with connection(settings) as conn:
        preview = dead_letters.preview(conn, wanted)
    if not preview.matched:
        raise Failed("No dead letter matches: nothing was changed.")
    if not quiet:
        screen.show(causes_table(preview))
    return Work(preview.matched, (), lambda conn: requeue_run.pages(conn, preview.settled))
