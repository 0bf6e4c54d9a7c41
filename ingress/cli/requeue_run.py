"""A requeue at work: batch after batch, each a transaction of its own, with progress and an outcome for every id."""

import getpass
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import click
from rich.progress import Progress

from ingress.cli import screen
from ingress.cli.database import connection
from shared import dead_letters
from shared.config import Settings
from shared.db import Connection
from shared.dead_letters import Filter, Outcome, Target

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Work:
    """How many to requeue, what was refused beforehand, and the batches to go through."""

    matched: int
    refused: tuple[Outcome, ...]
    batches: Callable[[Connection], Iterator[Sequence[Target]]]


def chunks(targets: Sequence[Target]) -> Iterator[Sequence[Target]]:
    return (targets[start : start + _BATCH] for start in range(0, len(targets), _BATCH))


def pages(conn: Connection, wanted: Filter) -> Iterator[Sequence[Target]]:
    """What the filter matches, read as the work goes on, so that memory holds one batch of rows."""
    after = None
    while page := dead_letters.listing(conn, wanted, after=after, most=_BATCH):
        yield [Target(event.event_id, event.id) for event in page]
        after = page[-1].id


def carry_out(settings: Settings, work: Work, *, reason: str, outcomes: list[Outcome]) -> None:
    """Requeue batch after batch; `outcomes` grows only by what is committed."""
    stderr = screen.console(sys.stderr)
    with connection(settings) as conn, Progress(console=stderr, disable=not stderr.is_terminal) as progress:
        bar = progress.add_task("Requeueing", total=work.matched)
        for batch in work.batches(conn):
            done = dead_letters.requeue(conn, batch, actor=actor(), reason=reason)
            conn.commit()
            outcomes += done
            progress.advance(bar, len(batch))


def tell(work: Work, outcomes: Sequence[Outcome], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        told = [outcome.to_json() for outcome in outcomes]
        screen.json_document({"dryRun": dry_run, "matched": work.matched, "outcomes": told})
        return
    failed = [outcome for outcome in outcomes if outcome.outcome != "requeued"]
    if failed:
        rows = ((o.id, o.outcome, o.state or ", ".join(o.candidates) or None) for o in failed)
        screen.show(screen.table(None, ("ID", "OUTCOME", "IS"), rows))
    if dry_run:
        click.echo(f"{work.matched} would be requeued; nothing was changed.")
    else:
        counts = Counter(outcome.outcome for outcome in outcomes)
        click.echo(", ".join(f"{count} {name}" for name, count in counts.items()) or "Nothing was changed.")


def actor() -> str:
    """Who the audit trail names: the operating system's user, or its number where a container has no name for it."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:uid-{os.getuid()}"
