"""`carelane sources`: the list of networks that Stripe sends from, fetched and put in place of the one before."""

from pathlib import Path

import click

from ingress.cli import environment
from ingress.cli.actor import actor
from ingress.cli.database import connection
from ingress.cli.faults import Failed
from shared import source_renewal


@click.group("sources")
def sources_group() -> None:
    """The list of networks that Stripe sends from."""


@sources_group.command("fetch")
@click.option("--url", default=source_renewal.STRIPE, show_default=True, help="Where the list is published; https.")
def fetch(*, url: str) -> None:
    """Fetch the list into CARELANE_SOURCES_FILE; the doors read it within a minute. What is no list changes nothing."""
    settings = environment.settings()
    settings.require("sources_file")
    if not url.startswith("https://"):
        raise Failed("The address does not begin with https://: nothing was changed.")
    try:
        found = source_renewal.fetch(url)
        with connection(settings) as conn:
            renewed = source_renewal.put(conn, settings.sources_file or Path(), found, actor=actor())
    except (OSError, ValueError) as error:
        raise Failed(f"The list could not be taken ({type(error).__name__}): nothing was changed.") from error
    click.echo(f"{renewed.networks} networks, {'changed' if renewed.is_changed else 'as before'}.")
