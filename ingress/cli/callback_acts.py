"""What is done to an endpoint of callbacks that gets on badly: disable, enable, see what died, send it on again."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.events import tell_cursor
from shared import callback_acts
from shared.documents import as_document

_name = click.argument("name", metavar="NAME", type=options.word)
_reason = click.option("--reason", type=options.word, required=True, help="Why; kept in the audit trail.")


@click.command()
@_name
@_reason
def disable(*, name: str, reason: str) -> None:
    """Call the endpoint NAME no more, until it is enabled."""
    with connection(environment.settings()) as conn:
        callback_acts.disable(conn, name, actor=actor(), reason=reason)
    click.echo(f"The endpoint {name} is disabled.")


@click.command()
@_name
@click.option("--skip-missed", "skips", is_flag=True, help="Go on with what happens from now on.")
def enable(*, name: str, skips: bool) -> None:
    """Call the endpoint NAME again, first about what it missed, as far back as CARELANE_NOTICE_DAYS."""
    settings = environment.settings()
    with connection(settings) as conn:
        callback_acts.enable(conn, name, actor=actor(), skips=skips, days=settings.notice_days)
    click.echo(f"The endpoint {name} is enabled.")


@click.command()
@_name
@options.together(options.limit, options.after, options.as_json)
def dead(*, name: str, limit: int, after: int | None, as_json: bool) -> None:
    """List the callbacks to the endpoint NAME that were given up, the oldest first."""
    with connection(environment.settings()) as conn:
        found = callback_acts.dead(conn, name, after=after or 0, most=limit + 1)
    page, cursor = found[:limit], str(found[limit - 1].id) if len(found) > limit else None
    if as_json:
        screen.json_document({"dead": [as_document(one) for one in page], "after": cursor})
        return
    rows = ((one.id, one.kind, one.reason, one.attempts, one.handed_at, one.ended_at) for one in page)
    screen.show(screen.table("Dead callbacks", ("ID", "KIND", "REASON", "TRIES", "OWED", "GIVEN UP"), rows))
    tell_cursor(cursor)


@click.command()
@_name
@click.argument("ids", metavar="[ID]…", nargs=-1, type=click.IntRange(min=1))
@_reason
def requeue(*, name: str, ids: tuple[int, ...], reason: str) -> None:
    """Send callbacks to the endpoint NAME on again now: these, or all that were given up or wait for their next try.

    What is sent again may come after newer ones; receivers tell by its timestamp, and by its id if they have it.
    """
    with connection(environment.settings()) as conn:
        count = callback_acts.requeue(conn, name, ids or None, actor=actor(), reason=reason)
    click.echo(f"{count} callback(s) to {name} are due again.")
