"""`carelane events`: lists kept events and shows one of them."""

from typing import Any

import click

from ingress.cli import choosing, environment, event_page, options, screen
from ingress.cli.database import connection
from shared import events
from shared.event_history import history
from shared.status import STATES


@click.group("events")
def events_group() -> None:
    """List kept events, or show one."""


@events_group.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="In this state; repeatable.")
@click.option("--object", "object_id", metavar="ID", help="About this Stripe object (sub_…, in_…).")
@options.together(options.types, options.lane, options.account, options.since)
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
@click.argument("event_id", metavar="ID")
@options.together(options.account, options.livemode, options.as_json)
def show_event(*, event_id: str, account: str | None, livemode: bool | None, as_json: bool) -> None:
    """Show one event. ID is its evt_… id, or a row as '#123'."""
    with connection(environment.settings()) as conn:
        event = choosing.one_event(conn, event_id, account=account, livemode=livemode)
        found = history(conn, event)
    if as_json:
        screen.json_document(found.to_json())
    else:
        screen.show(event_page.page(found))


def cut(found: list[events.Event], limit: int) -> tuple[list[events.Event], str | None]:
    """A page, and the cursor of the next one if there is more."""
    page = found[:limit]
    return page, str(page[-1].id) if len(found) > limit else None


def tell_cursor(cursor: str | None) -> None:
    if cursor is not None:
        click.echo(f"More: --after {cursor}")
