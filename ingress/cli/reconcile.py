"""`carelane reconcile`: compares what is known with Stripe's own objects, and mends what has drifted."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from rich.progress import Progress, TaskID

from ingress.cli import environment, options, screen, stripe_reach
from ingress.cli.actor import actor
from ingress.cli.cancelling import cancellable
from ingress.cli.faults import Failed
from shared import reconcile_run, stripe_desk
from shared.db import Pool
from shared.queries import load
from shared.reconcile import Finding
from shared.reconcile_run import COMPARED, PHASES, Run

_MOST_LINES = 50
_MOST_CHOSEN = 1000


@click.command()
@click.argument("subject_ids", metavar="[ID]…", nargs=-1, type=options.word)
@options.together(options.person, options.account)
@click.option(
    "--kind", type=options.word, help="Of this kind only, as `subscription` or `payout`; with IDs or --person."
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

    Of IDs or of one person just these; else all subscriptions, what is flagged, payouts on their way, accounts, and a
    part of the rest, each time another. A mend is a fact from Stripe that goes the way of all events.
    """
    settings = environment.settings()
    if (kind or account) and not (subject_ids or person):
        raise click.UsageError("--kind and --account choose among IDs or what a --person has.")
    api = stripe_reach.client(settings)
    with stripe_reach.pool(settings) as pool:
        run = stripe_desk.reconciliation(settings, api, pool, actor=actor(), dry_run=dry_run)
        if subject_ids or person:
            rows = _rows(pool, subject_ids, person)
            rows = [row for row in rows if _is_meant(row, kind=kind, account=account)]
            if not rows:
                raise Failed("Nothing that goes by this is known here.")
            findings, report = _chosen(run, rows)
        else:
            findings, report = _all(run)
    _tell(findings, report, dry_run=dry_run, as_json=as_json)


def _rows(pool: Pool, subject_ids: Sequence[str], person: str | None) -> list[dict[str, Any]]:
    sql, found = load("reconcile"), []
    with pool.transaction() as conn:
        for subject_id in subject_ids:
            found += conn.execute(sql["named"], {"subject_id": subject_id, "most": _MOST_CHOSEN}).fetchall()
        if person is not None:
            found += conn.execute(sql["of_person"], {"user_id": person, "most": _MOST_CHOSEN}).fetchall()
    return list({row["id"]: row for row in found}.values())


def _is_meant(row: dict[str, Any], *, kind: str | None, account: str | None) -> bool:
    return kind in {None, row["kind"]} and account in {None, row["account"] or "none"}


def _chosen(run: Run, rows: list[dict[str, Any]]) -> tuple[list[Finding], dict[str, int]]:
    with _bar("Comparing", len(rows)) as (progress, bar):
        findings = reconcile_run.chosen(run.api, run.reconciler, rows, lambda: progress.advance(bar))
    counts = Counter(finding.drift.kind.value for finding in findings)
    return findings, {COMPARED: len(rows), **counts}


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
def _bar(words: str, total: int) -> Iterator[tuple[Progress, TaskID]]:
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
