"""`carelane subject`: shows what events are about, with its history and why it stands as it does."""

from collections.abc import Iterable

import click
from rich.console import Group, RenderableType
from rich.panel import Panel

from ingress.cli import choosing, environment, options, screen
from ingress.cli.database import connection
from shared import subjects
from shared.events import PLATFORM


@click.group("subject")
def subject_group() -> None:
    """Show a subscription, an invoice, … and why it is so."""


@subject_group.command("show")
@click.argument("subject_id", metavar="ID")
@click.option("--kind", metavar="KIND", help="As `subscription` or `invoice`, where kinds share an id.")
@options.together(options.account, options.livemode, options.as_json)
def show_subject(
    *, subject_id: str, kind: str | None, account: str | None, livemode: bool | None, as_json: bool
) -> None:
    """Show one subject. ID is Stripe's (sub_…, in_…, po_…, acct_…), or that of a registered payout."""
    with connection(environment.settings()) as conn:
        found = subjects.find(conn, subject_id, kind=kind, account=account, livemode=livemode)
        story = subjects.story(conn, choosing.one_subject(found, subject_id))
    if as_json:
        screen.json_document(story.to_json())
    else:
        screen.show(_page(story))


def _page(story: subjects.Story) -> RenderableType:
    subject = story.subject
    rows = [
        ("status", subject.status),
        ("account", subject.account or PLATFORM),
        ("livemode", subject.livemode),
        ("changed", subject.updated_at),
        ("to be fetched", "yes: nothing tells which of the last facts is the newer" if subject.needs_refetch else None),
        *story.details().items(),
    ]
    title = screen.cell(f"{subject.kind} {subject.subject_id}")
    columns = ("HAPPENED, VERDICT", "EVENT", "WHAT FOLLOWED AND WHY")
    return Group(
        Panel(screen.pairs(rows), title=title, title_align="left", expand=False),
        screen.table("Timeline", columns, _timeline(story)),
    )


def _timeline(story: subjects.Story) -> Iterable[tuple[object, ...]]:
    moves: dict[str, str] = {}
    for move in story.transitions:
        # A step whose own event was lost stands under the next one's.
        moves[move.cause] = f"{moves[move.cause]}, {move.words()}" if move.cause in moves else move.words()
    for fact in story.facts:
        late = "came late, put before what is newer" if fact.is_stale else None
        follows = ": ".join(filter(None, (moves.get(fact.cause), fact.reason, late)))
        what = screen.stacked(fact.event_id or fact.source, fact.type)
        yield screen.stacked(fact.occurred_at, fact.verdict), what, follows or "no change"
