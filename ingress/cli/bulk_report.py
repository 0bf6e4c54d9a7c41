"""What a bulk act is about to do, and what it did, in tables or as one document."""

from collections import Counter
from collections.abc import Sequence

import click
from rich.console import RenderableType

from ingress.cli import screen
from shared.bulk_acts import DONE, Outcome
from shared.bulk_work import Count, Report
from shared.dead_letters import Cause

_MOST_LINES = 50


def counts_table(counts: Sequence[Count]) -> RenderableType:
    """What dead letters died of; of other events, how many of each type ended how."""
    if isinstance(counts[0], Cause):
        return causes_table([count for count in counts if isinstance(count, Cause)])
    rows = ((count.count, count.state, count.type) for count in counts if not isinstance(count, Cause))
    return screen.table("Events", ("COUNT", "STATE", "TYPE"), rows)


def causes_table(causes: Sequence[Cause]) -> RenderableType:
    rows = ((cause.count, cause.reason_class, cause.code, cause.type) for cause in causes)
    return screen.table("Causes", ("COUNT", "CLASS", "CODE", "TYPE"), rows)


def tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        screen.json_document(report.to_json())
        return
    failed = [outcome for outcome in report.outcomes if outcome.outcome not in {*DONE, "not_done"}]
    if failed:
        screen.show(screen.table(None, ("ID", "OUTCOME", "IS"), map(_line, failed[:_MOST_LINES])))
    if len(failed) > _MOST_LINES:
        click.echo(f"… and {len(failed) - _MOST_LINES} more: --json lists all.")
    click.echo(_summary(report))


def _line(outcome: Outcome) -> tuple[object, ...]:
    name = f"{outcome.outcome}: {outcome.hint}" if outcome.hint else outcome.outcome
    return outcome.id, name, outcome.state or ", ".join(outcome.candidates) or None


def _summary(report: Report) -> str:
    if report.dry_run:
        return f"{report.work.matched} would be {report.work.act.done}; nothing was changed."
    counts = Counter(outcome.outcome for outcome in report.outcomes)
    left = counts.pop("not_done", 0)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "Nothing was changed"
    cancelled = "Cancelled: " if report.cancelled else ""
    return f"{cancelled}{told}" + (f"; {left} left as they were." if left else "")
