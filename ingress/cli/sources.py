"""`carelane sources`: the list of networks that Stripe sends from, fetched and put in place of the one before."""

import urllib.request
from pathlib import Path
from urllib.error import URLError

import click

from ingress.cli import environment
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from ingress.origin import Network
from ingress.webhook import sources
from shared import audit

STRIPE = "https://stripe.com/files/ips/ips_webhooks.json"
_TIMEOUT_SECONDS = 10
_MOST_BYTES = 1024 * 1024


@click.group("sources")
def sources_group() -> None:
    """The list of networks that Stripe sends from."""


@sources_group.command("fetch")
@click.option("--url", default=STRIPE, show_default=True, help="Where the list is published; https.")
def fetch(*, url: str) -> None:
    """Fetch the list into CARELANE_SOURCES_FILE; the doors read it within a minute. What is no list changes nothing."""
    settings = environment.settings()
    settings.require("sources_file")
    target = settings.sources_file or Path()
    before = _known(target)
    fresh = target.with_name(f"{target.name}.new")
    try:
        fresh.write_bytes(_fetched(url))
        after = sources.read(fresh)
        if after != before:
            with connection(settings) as conn:
                audit.record(
                    conn,
                    actor=actor(),
                    act="sources.changed",
                    object="sources:stripe",
                    before={"gone": _less(before, after)},
                    after={"new": _less(after, before)},
                )
                fresh.replace(target)
        else:
            target.touch()  # `carelane doctor` tells since when nobody has looked
    except (OSError, ValueError) as error:
        raise Failed(f"The list could not be taken ({type(error).__name__}): nothing was changed.") from error
    finally:
        fresh.unlink(missing_ok=True)
    click.echo(f"{len(after)} networks, {'as before' if after == before else 'changed'}.")


def _fetched(url: str) -> bytes:
    if not url.startswith("https://"):
        raise Failed("The address does not begin with https://: nothing was changed.")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - https, as judged above
            found: bytes = answer.read(_MOST_BYTES + 1)
    except URLError as error:
        raise OSError from error
    return found


def _known(target: Path) -> tuple[Network, ...]:
    try:
        return sources.read(target)
    except (OSError, ValueError):
        return ()


def _less(some: tuple[Network, ...], others: tuple[Network, ...]) -> list[str]:
    return sorted(map(str, set(some) - set(others)))
