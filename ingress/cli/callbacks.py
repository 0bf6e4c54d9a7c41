"""`carelane callbacks`: the endpoints of the application's backend that are called about notices."""

import click

from ingress.cli import environment, options, screen
from ingress.cli.actor import actor
from ingress.cli.callback_acts import dead, disable, enable, requeue
from ingress.cli.database import connection
from shared import callbacks
from shared.callback_urls import target_of
from shared.callbacks import OVERLAP_HOURS, Endpoint, Wanted
from shared.config import Settings
from shared.notice_kinds import KINDS, means_something

_LONGEST_NAME = 64
_MOST_HOURS = 24 * 30


class _Name(options.Word):
    """A name as the audit trail and the metrics show it."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value.strip(), param, ctx)
        if not 0 < len(text) <= _LONGEST_NAME:
            self.fail(f"a name has 1 to {_LONGEST_NAME} characters", param, ctx)
        return text


def _kinds(_: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in value:
        if not means_something(pattern):
            raise click.BadParameter(f"{pattern!r} is none of {', '.join(KINDS)}, nor payout:* or such", param=param)
    return value


@click.group("callbacks")
def callbacks_group() -> None:
    """Endpoints that are called about notices, signed per Standard Webhooks (docs/callbacks.md)."""


@callbacks_group.command("add")
@click.option("--name", "name", type=_Name(), required=True, help="What lists and the audit trail call it.")
@click.option("--url", type=options.word, required=True, help="Where to call: https://…")
@click.option(
    "--kind", "kinds", multiple=True, callback=_kinds, help="Of this kind only; `payout:*` works; repeatable."
)
def add(*, name: str, url: str, kinds: tuple[str, ...]) -> None:
    """Add an endpoint and print its secret, this once and alone on its line; it is kept sealed.

    It is called about what happens from now on; without --kind about all but what is meant for devices.
    """
    settings = environment.settings()
    try:
        target_of(url, allows_http=bool(settings.callback_networks))
    except ValueError as error:
        raise click.BadParameter(f"the URL {error}", param_hint="--url") from error
    key = _key(settings)
    with connection(settings) as conn:
        made = callbacks.add(conn, Wanted(name, url, kinds or None), actor=actor(), key=key)
    click.echo(made.secret)


@callbacks_group.command("list")
@options.as_json
def list_endpoints(*, as_json: bool) -> None:
    """List endpoints with what waits for each; the secrets are shown to nobody."""
    with connection(environment.settings()) as conn:
        found = callbacks.listing(conn)
    if as_json:
        screen.json_document({"endpoints": [endpoint.to_json() for endpoint in found]})
    elif not found:
        click.echo("No endpoint was added yet.")
    else:
        columns = ("NAME", "STATE", "WAITING", "DEAD", "KINDS", "URL")
        rows = ((one.name, _state(one), one.waiting, one.dead, _wants(one), one.url) for one in found)
        screen.show(screen.table("Endpoints", columns, rows))


@callbacks_group.command("roll")
@click.argument("name", metavar="NAME", type=options.word)
@click.option(
    "--overlap-hours",
    "hours",
    type=click.IntRange(0, _MOST_HOURS),
    default=OVERLAP_HOURS,
    show_default=True,
    help="For how long the old secret signs along.",
)
def roll(*, name: str, hours: int) -> None:
    """Give the endpoint NAME a new secret and print it; until the old one ends, each callback bears both signatures."""
    settings = environment.settings()
    key = _key(settings)
    with connection(settings) as conn:
        made = callbacks.roll(conn, name, actor=actor(), key=key, hours=hours)
    click.echo(made.secret)


for act in (disable, enable, dead, requeue):
    callbacks_group.add_command(act)


def _state(endpoint: Endpoint) -> str:
    if endpoint.disabled_at is not None:
        return f"disabled: {endpoint.disabled_because}"
    return f"failing ({endpoint.failures} in a row)" if endpoint.failures else "well"


def _wants(endpoint: Endpoint) -> str:
    return "all" if endpoint.kinds is None else ", ".join(endpoint.kinds)


def _key(settings: Settings) -> bytes:
    settings.require("callback_key")
    return settings.callback_key or b""
