"""`carelane endpoint`: the webhook endpoints that Stripe delivers to: made, listed, and replaced with an overlap."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import stripe

from ingress.cli import environment, options, screen, stripe_reach
from ingress.cli.faults import Failed
from shared.stripe_api.client import StripeApi
from shared.stripe_api.endpoints import MARK, PATH, all_of, amiss, turn_of, types_of_endpoint


@click.group("endpoint")
def endpoint_group() -> None:
    """Webhook endpoints at Stripe: register, list, roll."""


@endpoint_group.command("register")
@click.option("--url", required=True, help="Where Stripe is to deliver: https://…/api/webhooks/stripe.")
@click.option("--connect", is_flag=True, help="For events of connected accounts instead of the platform's own.")
@click.option(
    "--type", "types", multiple=True, type=options.word, help="Of this type as well: an extension's; repeatable."
)
@options.as_json
def register(*, url: str, connect: bool, types: Sequence[str], as_json: bool) -> None:
    """Make an endpoint with the types that Carelane acts on and a fixed API version, and print its secret, this once.

    Add the secret to STRIPE_WEBHOOK_SECRETS. Where Carelane made an endpoint for this URL already, nothing is changed:
    `roll` replaces it.
    """
    api = stripe_reach.client(environment.settings())
    if any(one["status"] == "enabled" for one in _ours(api, url=url, connect=connect)):
        raise Failed(f"There is an endpoint for {url} already: `carelane endpoint roll` gives it a new secret.")
    made = _make(api, url=url, connect=connect, types=types)
    _tell_secret(made, as_json=as_json)


@endpoint_group.command("list")
@options.as_json
def list_endpoints(*, as_json: bool) -> None:
    """List the endpoints of this account, with what is amiss with those that Carelane made."""
    found = all_of(stripe_reach.client(environment.settings()))
    if as_json:
        screen.json_document({"endpoints": [_to_json(one) for one in found]})
        return
    rows = (
        (one["id"], one["status"], one.get("api_version"), "; ".join(amiss(one)) or "-", one["url"]) for one in found
    )
    screen.show(screen.table("Webhook endpoints", ("ID", "STATUS", "API VERSION", "AMISS", "URL"), rows))


@endpoint_group.command("roll")
@click.option("--url", required=True, help="Whose endpoint is to be replaced.")
@click.option("--connect", is_flag=True, help="That of connected accounts.")
@click.option("--finish", is_flag=True, help="Second step: switch the old one off, once the new secret is in effect.")
@options.as_json
def roll(*, url: str, connect: bool, finish: bool, as_json: bool) -> None:
    """Replace an endpoint's secret in two steps, without missing a delivery.

    First a second endpoint for the same URL is made and its secret printed: both deliver, and what comes twice is kept
    once. Add the secret to STRIPE_WEBHOOK_SECRETS, restart, then call it again with --finish.
    """
    api = stripe_reach.client(environment.settings())
    ours = [one for one in _ours(api, url=url, connect=connect) if one["status"] == "enabled"]
    if not ours:
        raise Failed(f"Carelane has made no endpoint for {url}: `carelane endpoint register` does.")
    newest, *older = sorted(ours, key=lambda one: (one["created"], turn_of(one)), reverse=True)
    if finish:
        _finish(api, older, url)
        return
    if older:
        raise Failed("There are two already: put the new secret into effect, then call this with --finish.")
    made = _make(api, url=url, connect=connect, types=newest["enabled_events"], turn=turn_of(newest) + 1)
    _tell_secret(made, as_json=as_json)


def _finish(api: StripeApi, older: Sequence[Mapping[str, Any]], url: str) -> None:
    if not older:
        raise Failed(f"There is only one endpoint for {url}: nothing to switch off.")
    for one in older:
        api.post(f"{PATH}/{one['id']}", disabled="true")
        click.echo(f"{one['id']} is switched off.")


def _make(api: StripeApi, *, url: str, connect: bool, types: Sequence[str], turn: int = 1) -> dict[str, Any]:
    wanted = sorted({*types_of_endpoint(), *types})
    return api.post(
        PATH,
        url=url,
        enabled_events=wanted,
        # Fixed: the account's default may be moved by somebody who does not know of us.
        api_version=stripe.api_version,
        connect="true" if connect else "false",
        description=f"Carelane, {datetime.now(UTC):%Y-%m-%d}",
        metadata={MARK: "connect" if connect else "own", "turn": str(turn)},
    ).document


def _ours(api: StripeApi, *, url: str, connect: bool) -> list[dict[str, Any]]:
    mark = "connect" if connect else "own"
    return [one for one in all_of(api) if one["url"] == url and (one.get("metadata") or {}).get(MARK) == mark]


def _to_json(endpoint: Mapping[str, Any]) -> dict[str, object]:
    names = ("id", "url", "status", "api_version", "enabled_events", "created", "livemode")
    return {name: endpoint.get(name) for name in names} | {"amiss": amiss(endpoint)}


def _tell_secret(made: Mapping[str, Any], *, as_json: bool) -> None:
    """On stdout alone, so that it can be piped to where secrets are kept; Stripe shows it this once."""
    if as_json:
        screen.json_document({"id": made["id"], "url": made["url"], "secret": made["secret"]})
        return
    click.echo(made["secret"])
    click.echo(f"{made['id']} is made. Add its secret to STRIPE_WEBHOOK_SECRETS and restart.", err=True)
