"""`carelane dead`: lists and shows dead letters, with the counts of what they died of."""

from typing import Any

import click

from ingress.cli import choosing, environment, event_page, options, screen
from ingress.cli.database import connection
from ingress.cli.dead_filters import causes_table, filters
from ingress.cli.dead_requeue import requeue
from ingress.cli.events import cut, tell_cursor
from ingress.cli.faults import Failed
from shared import dead_letters
from shared.event_history import history


@click.group("dead")
def dead_group() -> None:
    """List, show and requeue dead letters: events that could not be processed and wait for a person."""


@dead_group.command("list")
@options.together(filters, options.account, options.limit, options.after, options.as_json)
def list_dead(*, limit: int, after: int | None, as_json: bool, **wanted: Any) -> None:
    """List dead letters, newest first, with a count of each cause."""
    chosen = dead_letters.Filter(**wanted)
    with connection(environment.settings()) as conn:
        preview = dead_letters.preview(conn, chosen)
        found = dead_letters.listing(conn, chosen, after=after, most=limit + 1)
    page, cursor = cut(found, limit)
    if as_json:
        screen.json_document(
            {
                "deadLetters": [event.to_json() for event in page],
                "causes": [cause.to_json() for cause in preview.causes],
                "total": preview.matched,
                "after": cursor,
            }
        )
        return
    screen.show(event_page.listing(f"Dead letters: {preview.matched}", page), causes_table(preview))
    tell_cursor(cursor)


@dead_group.command("show")
@click.argument("event_id", metavar="ID")
@options.together(options.account, options.livemode, options.as_json)
def show_dead(*, event_id: str, account: str | None, livemode: bool | None, as_json: bool) -> None:
    """Show one dead letter. ID is its evt_… id, or a row as '#123'."""
    with connection(environment.settings()) as conn:
        event = choosing.one_event(conn, event_id, account=account, livemode=livemode)
        if event.state != "dead":
            raise Failed(f"{event.event_id} is no dead letter: it is {event.state}. See `carelane events show`.")
        found = history(conn, event)
    if as_json:
        screen.json_document(found.to_json())
    else:
        screen.show(event_page.page(found))


dead_group.add_command(requeue)
