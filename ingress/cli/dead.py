"""`carelane dead`: lists dead letters with the counts of what they died of, shows, requeues or discards them."""

from typing import Any

import click

from ingress.cli import environment, event_page, event_show, options, screen
from ingress.cli.bulk_report import causes_table
from ingress.cli.database import connection
from ingress.cli.dead_acts import discard, requeue
from ingress.cli.dead_filters import discarded, filters
from ingress.cli.events import cut, tell_cursor
from shared import dead_letters


@click.group("dead")
def dead_group() -> None:
    """List, show, requeue and discard dead letters: events that could not be processed and wait for a person."""


@dead_group.command("list")
@options.together(filters, discarded, options.account, options.limit, options.after, options.as_json)
def list_dead(*, limit: int, after: int | None, as_json: bool, **wanted: Any) -> None:
    """List dead letters, newest first, with a count of each cause."""
    chosen = dead_letters.Filter(**wanted)
    with connection(environment.settings()) as conn:
        causes = dead_letters.causes(conn, chosen)
        found = dead_letters.listing(conn, chosen, after=after, most=limit + 1)
    page, cursor = cut(found, limit)
    total = sum(cause.count for cause in causes)
    if as_json:
        screen.json_document(
            {
                "deadLetters": [event.to_json() for event in page],
                "causes": [cause.to_json() for cause in causes],
                "total": total,
                "after": cursor,
            }
        )
        return
    screen.show(event_page.listing(f"Dead letters: {total}", page), causes_table(causes))
    tell_cursor(cursor)


@dead_group.command("show")
@event_show.arguments
def show_dead(**given: Any) -> None:
    """Show one dead letter. ID is its evt_… id, or a row as '#123'."""
    event_show.show(dead_only=True, **given)


dead_group.add_command(requeue)
dead_group.add_command(discard)
