"""`carelane migrate`: brings the tables up to date; safe to run twice, and by two at once."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.faults import Failed
from shared import migrations


@click.command()
@options.as_json
def migrate(*, as_json: bool) -> None:
    """Bring the database's tables up to date; says what was applied."""
    settings = environment.settings()
    settings.require("database_url")
    try:
        applied = migrations.migrate(str(settings.database_url))
    except migrations.MigrationError as error:
        raise Failed(str(error)) from error
    if as_json:
        screen.json_document({"applied": applied})
        return
    for name in applied:
        click.echo(f"applied {name}")
    if not applied:
        click.echo("Nothing to apply: the tables are up to date.")
