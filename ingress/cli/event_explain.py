"""`carelane events explain`: the whole story of one event on one page."""

import click

from ingress.cli import choosing, environment, explain_page, options, screen
from ingress.cli.database import connection
from shared.explanation import explain as explanation_of


@click.command()
@click.argument("event_id", type=options.word, metavar="ID")
@options.together(options.account, options.livemode, options.as_json)
def explain(*, event_id: str, account: str | None, livemode: bool | None, as_json: bool) -> None:
    """Tell the whole story of one event. ID is its evt_… id, or a row as '#123'.

    Which secret matched, its receipt, its lane and why, what it waited for, attempts with their errors, how it ended,
    what it changed, what was owed, and who acted on it.
    """
    with connection(environment.settings()) as conn:
        event = choosing.one_event(conn, event_id, account=account, livemode=livemode)
        found = explanation_of(conn, event)
    if as_json:
        screen.json_document(found.to_json())
    else:
        screen.show(explain_page.page(found))
