"""The options that pick events."""

from typing import Any

import click

from ingress.cli import options

filters = options.together(
    options.types,
    options.lane,
    options.person,
    click.option(
        "--object", "object_id", type=options.word, metavar="ID", help="About this Stripe object (sub_…, in_…)."
    ),
    options.since,
    options.until,
)


def state(*names: str) -> options.Decorator[Any]:
    return click.option("--state", "states", multiple=True, type=click.Choice(names), help="In this state; repeatable.")
