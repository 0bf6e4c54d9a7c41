"""`carelane events`: lists kept events, shows, explains or replays them."""

from typing import Any

import click

from ingress.cli import environment, event_page, event_show, options, screen
from ingress.cli.database import connection
from ingress.cli.event_explain import explain
from ingress.cli.event_filters import filters, state
from ingress.cli.event_replay import replay
from shared import events
from shared.status import STATES


@click.group("events")
def events_group() -> None:
    """List kept events; show, explain or replay them."""


@events_group.command("list")
@options.together(state(*STATES), filters, options.account)
@options.together(options.limit, options.after, options.as_json)
def list_events(*, limit: int, after: int | None, as_json: bool, **wanted: Any) -> None:
    """List kept events, newest first, a page at a time."""
    with connection(environment.settings()) as conn:
        found = events.listing(conn, events.Filter(**wanted), after=after, most=limit + 1)
    page, cursor = cut(found, limit)
    if as_json:
        screen.json_document({"events": [event.to_json() for event in page], "after": cursor})
        return
    screen.show(event_page.listing("Events", page))
    tell_cursor(cursor)


@events_group.command("show")
@event_show.arguments
def show_event(**given: Any) -> None:
    """Show one event. ID is its evt_… id, or a row as '#123'."""
    event_show.show(dead_only=False, **given)


events_group.add_command(explain)
events_group.add_command(replay)


def cut(found: list[events.Event], limit: int) -> tuple[list[events.Event], str | None]:
    """A page, and the cursor of the next one if there is more."""
    page = found[:limit]
    return page, str(page[-1].id) if len(found) > limit else None


def tell_cursor(cursor: str | None) -> None:
    if cursor is not None:
        click.echo(f"More: --after {cursor}")
