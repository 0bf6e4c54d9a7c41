"""`carelane emergency`: one-time codes for people who cannot get at what helps them."""

from typing import cast

import click

from ingress.cli import environment, options
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import emergency
from shared.emergency import Terms
from shared.errors import NotFound
from shared.people_settings import emergency_of, policy_of
from shared.rules.standing import Level


@click.group("emergency")
def emergency_group() -> None:
    """Emergency access: one-time codes."""


@emergency_group.command("code")
@click.argument("user_id", metavar="USER_ID", type=options.word)
@click.option(
    "--level", type=click.Choice(["essential", "full"]), default="full", show_default=True, help="What it gives."
)
def code(*, user_id: str, level: str) -> None:
    """Make a code for the person USER_ID and print it, this once and alone on its line; only its hash is kept."""
    settings = environment.settings()
    settings.require("lookup_key")
    terms = Terms(policy=policy_of(settings), rule=emergency_of(settings), lookup_key=settings.lookup_key or b"")
    with connection(settings) as conn:
        try:
            issued = emergency.issue_code(conn, user_id, actor=actor(), terms=terms, level=cast("Level", level))
        except NotFound as error:
            raise Failed(f"{error}: no code was made.") from error
    click.echo(issued.code)
    click.echo(f"Good once, until {issued.valid_until:%Y-%m-%d %H:%M} UTC.", err=True)
