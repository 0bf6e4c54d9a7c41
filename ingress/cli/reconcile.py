"""`carelane reconcile`: compares what is known with Stripe's own objects, and mends what has drifted."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import click
from rich.progress import Progress, TaskID

from ingress.cli import chosen_subjects, environment, options, screen, stripe_reach
from ingress.cli.actor import actor
from ingress.cli.cancelling import cancellable
from ingress.cli.chosen_subjects import Wish
from ingress.cli.faults import Failed
from shared import stripe_desk, stripe_objects
from shared.reconcile import Finding
from shared.reconcile_run import COMPARED, PHASES, Run

_MOST_LINES = 50


@click.command()
@click.argument("subject_ids", metavar="[ID]…", nargs=-1, type=options.word)
@options.together(options.person, options.account)
@click.option(
    "--kind",
    type=click.Choice(sorted(stripe_objects.KINDS)),
    help="Of this kind only; with it an ID that is not known here is asked for as well.",
)
@click.option("--dry-run", is_flag=True, help="Show what has drifted and change nothing.")
@options.as_json
def reconcile(  # noqa: PLR0913 - what a person may choose by
    *,
    subject_ids: Sequence[str],
    person: str | None,
    account: str | None,
    kind: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Compare subjects with Stripe's own objects and mend what has drifted.

    Of IDs, of one person, of a kind or an account just these; else all subscriptions, what is flagged, payouts on
    their way, accounts, and a part of the rest, each time another. A mend is a fact from Stripe that goes the way of
    all events.
    """
    settings = environment.settings()
    api = stripe_reach.client(settings)
    wish = Wish(tuple(subject_ids), person, kind, account)
    with stripe_reach.pool(settings) as pool:
        run = stripe_desk.reconciliation(settings, api, pool, actor=actor(), dry_run=dry_run)
        findings, report = _all(run) if wish.is_for_all else _chosen(run, wish)
    _tell(findings, report, dry_run=dry_run, as_json=as_json)


def _chosen(run: Run, wish: Wish) -> tuple[list[Finding], dict[str, int]]:
    findings: list[Finding] = []
    compared = 0
    rows = chosen_subjects.rows(run, wish)
    with cancellable() as stopped, _bar("Comparing", None) as (progress, bar):
        for found in run.chosen(rows):
            findings += found
            compared += 1
            progress.advance(bar)
            if stopped():
                raise Failed(f"You stopped it after {compared}.")
    if not compared:
        raise Failed("Nothing that goes by this is known here, or it is of the other mode than STRIPE_API_KEY.")
    counts = Counter(finding.drift.kind.value for finding in findings)
    return findings, {COMPARED: compared, **counts}


def _all(run: Run) -> tuple[list[Finding], dict[str, int]]:
    findings: list[Finding] = []
    report: dict[str, int] = {}
    is_complete = False
    steps = run.steps(now=datetime.now(UTC))
    with cancellable() as stopped, _bar("Comparing", len(PHASES)) as (progress, bar), closing(steps):
        for step in steps:
            findings += step.findings
            report, is_complete = dict(step.total), step.is_last
            progress.update(bar, completed=PHASES.index(step.phase), description=f"Comparing {step.phase}")
            if stopped():
                break
    if not is_complete:
        raise Failed("It did not come to its end: another runs, or you stopped it. The next one goes on from here.")
    return findings, report


@contextmanager
def _bar(words: str, total: int | None) -> Iterator[tuple[Progress, TaskID]]:
    """On a terminal; nothing elsewhere."""
    stderr = screen.console(sys.stderr)
    with Progress(console=stderr, disable=not stderr.is_terminal, transient=True) as progress:
        yield progress, progress.add_task(words, total=total)


def _tell(findings: Sequence[Finding], report: dict[str, int], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        document = {"dryRun": dry_run, "report": report, "findings": [finding.to_json() for finding in findings]}
        screen.json_document(document)
        return
    if findings:
        rows = map(_line, findings[:_MOST_LINES])
        screen.show(screen.table(None, ("SUBJECT", "DRIFT", "MENDED", "KNOWN HERE, AND AT STRIPE"), rows))
    if len(findings) > _MOST_LINES:
        click.echo(f"… and {len(findings) - _MOST_LINES} more: --json lists all.")
    counts = ", ".join(f"{count} {name}" for name, count in report.items() if name != COMPARED)
    click.echo(f"{report.get(COMPARED, 0)} compared: {counts or 'nothing has drifted'}.")


def _line(finding: Finding) -> tuple[object, ...]:
    differences = (f"{name}: {known} / {stripe}" for name, (known, stripe) in finding.drift.differences.items())
    return finding.name, finding.drift.kind.value, finding.is_mended, "; ".join(differences) or None
