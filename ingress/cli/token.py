"""`carelane token`: makes, lists and revokes the tokens of the services that call the application door."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import tokens
from shared.config import Settings
from shared.errors import NotFound
from shared.tokens import NameTaken, Wanted

_LONGEST_NAME = 64
_MOST_DAYS = 3650


class _Name(options.Word):
    """A name as the audit trail shows it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value.strip(), param, ctx)
        if not 0 < len(text) <= _LONGEST_NAME:
            self.fail(f"a name has 1 to {_LONGEST_NAME} characters", param, ctx)
        return text


@click.group("token")
def token_group() -> None:
    """Tokens of the services that call the application door."""


@token_group.command("create")
@click.option("--name", "name", type=_Name(), required=True, help="What the audit trail calls it.")
@click.option(
    "--scope", "scopes", type=click.Choice(tokens.SCOPES), multiple=True, required=True, help="Allows; repeatable."
)
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), help="Good for so long; else until it is revoked.")
def create(*, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token and print it, this once and alone on its line; only its hash is kept."""
    settings = environment.settings()
    lookup_key = _lookup_key(settings)
    with connection(settings) as conn:
        try:
            made = tokens.create(conn, Wanted(name, scopes, days), actor=actor(), lookup_key=lookup_key)
        except NameTaken as error:
            raise Failed(f"{error}.") from error
    click.echo(made.secret)


@token_group.command("list")
@options.as_json
def list_tokens(*, as_json: bool) -> None:
    """List tokens, the newest first; the tokens themselves are kept nowhere."""
    with connection(environment.settings()) as conn:
        found = tokens.listing(conn)
    if as_json:
        screen.json_document({"tokens": [token.to_json() for token in found]})
    elif not found:
        click.echo("No token was made yet.")
    else:
        rows = ((t.name, " ".join(t.scopes), t.created_at, t.created_by, t.expires_at, t.revoked_at) for t in found)
        screen.show(screen.table("Tokens", ("NAME", "SCOPES", "MADE", "BY", "EXPIRES", "REVOKED"), rows))


@token_group.command("revoke")
@click.argument("name", metavar="NAME")
def revoke(*, name: str) -> None:
    """Revoke the token NAME; the application door notices within seconds."""
    with connection(environment.settings()) as conn:
        try:
            tokens.revoke(conn, name, actor=actor())
        except NotFound as error:
            raise Failed(f"{error}: nothing was changed.") from error
    click.echo(f"The token {name} is revoked.")


def _lookup_key(settings: Settings) -> bytes:
    settings.require("lookup_key")
    return settings.lookup_key or b""
