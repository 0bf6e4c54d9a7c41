"""The options that pick dead letters."""

import click

from ingress.cli import options

filters = options.together(
    options.types,
    click.option(
        "--class",
        "classes",
        multiple=True,
        type=options.word,
        metavar="CLASS",
        help="Error class, as `invalid`; repeatable.",
    ),
    click.option(
        "--code", "codes", multiple=True, type=options.word, metavar="CODE", help="Error code, as `schema`; repeatable."
    ),
    options.lane,
    options.person,
    options.time("--since", help="Died at or after this time, or within this age (24h, 7d)."),
    options.time("--until", help="Died before this time, or longer ago than this age."),
    click.option("--text", type=options.word, help="This text in id, type, object, code, path or message."),
)
discarded = click.option("--discarded", is_flag=True, help="Also those that were discarded.")
