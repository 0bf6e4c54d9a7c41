"""The options that pick dead letters, and the table of what the picked ones died of."""

import click
from rich.console import RenderableType

from ingress.cli import options, screen
from shared.dead_letters import Preview

filters = options.together(
    options.types,
    click.option("--class", "classes", multiple=True, metavar="CLASS", help="Error class, as `invalid`; repeatable."),
    click.option("--code", "codes", multiple=True, metavar="CODE", help="Error code, as `schema`; repeatable."),
    options.lane,
    options.time("--since", help="Died at or after this time, or within this age (24h, 7d)."),
    options.time("--until", help="Died before this time, or longer ago than this age."),
    click.option("--text", help="This text in id, type, object, code, path or message."),
    click.option("--discarded", is_flag=True, help="Also those that were discarded."),
)


def causes_table(preview: Preview) -> RenderableType:
    rows = ((cause.count, cause.reason_class, cause.code, cause.type) for cause in preview.causes)
    return screen.table("Causes", ("COUNT", "CLASS", "CODE", "TYPE"), rows)
