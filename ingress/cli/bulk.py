"""A bulk act at the command line: count, ask, act batch after batch with progress, tell what became of each."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.progress import Progress

from ingress.cli import bulk_report, environment, screen
from ingress.cli.actor import actor
from ingress.cli.bulk_request import Request
from ingress.cli.cancelling import cancellable
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import bulk_work
from shared.bulk_acts import Mandate, Outcome
from shared.bulk_work import Report, Work
from shared.config import Settings
from shared.db import Connection
from shared.pace import Pace


def perform(request: Request) -> None:
    settings = environment.settings()
    work = _choose(settings, request)
    if work.counts and not request.as_json:
        screen.show(bulk_report.counts_table(work.counts))
    if request.dry_run or not work.targets:
        report = Report(work, work.refused, dry_run=request.dry_run)
        bulk_report.tell(report, as_json=request.as_json)
    else:
        if not request.yes:
            click.confirm(f"{request.act.name.capitalize()} {work.matched} {request.noun}?", abort=True, err=True)
        report = _carry_out(settings, request, work)
    if not report.complete:
        raise Failed(f"Not all of it could be {request.act.done}.")


def _choose(settings: Settings, request: Request) -> Work:
    with connection(settings) as conn:
        if request.ids:
            account = request.wanted.account
            return bulk_work.named(conn, request.act, request.ids, account=account, livemode=request.livemode)
        work = bulk_work.matching(conn, request.act, request.wanted)
    if not work.targets:
        raise Failed(f"No {request.noun.partition('(')[0]} matches: nothing was changed.")
    return work


def _carry_out(settings: Settings, request: Request, work: Work) -> Report:
    """Tells what is committed even when the database goes away half-way."""
    carried: list[Outcome] = []
    with cancellable() as stopped:
        try:
            _batches(settings, request, work, carried, stopped)
        finally:
            cancelled = stopped() and len(carried) < work.matched
            report = bulk_work.report(work, carried, cancelled=cancelled)
            bulk_report.tell(report, as_json=request.as_json)
    return report


def _batches(
    settings: Settings, request: Request, work: Work, carried: list[Outcome], stopped: Callable[[], bool]
) -> None:
    """`carried` grows only by what is committed."""
    pace = Pace(request.rate, clock=time.monotonic, sleep=time.sleep, stopped=stopped)
    mandate = Mandate(actor(), (request.reason or "").strip())
    stderr = screen.console(sys.stderr)
    with connection(settings) as conn, Progress(console=stderr, disable=not stderr.is_terminal) as progress:
        bar = progress.add_task(f"{request.act.name.capitalize()}", total=work.matched)
        for done in bulk_work.carry_out(lambda: _transaction(conn), work, mandate=mandate, pace=pace):
            carried += done
            progress.advance(bar, len(done))


@contextmanager
def _transaction(conn: Connection) -> Iterator[Connection]:
    with conn.transaction():
        yield conn
