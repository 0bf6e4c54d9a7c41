"""Options that several commands share, and the kinds of values they take."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])
Decorator = Callable[[F], F]

_AGE = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CURSOR = re.compile(r"\d{1,18}")


def moment(_: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    """A point in time: ISO 8601 (UTC unless it says otherwise), or how long ago, as 15m, 24h, 7d."""
    if value is None:
        return None
    try:
        if age := _AGE.fullmatch(value):
            return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        found = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        message = f"{value!r} is neither a time such as 2026-11-21T08:00Z nor an age such as 24h"
        raise click.BadParameter(message, param=param) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def cursor(_: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Where a list goes on: what the page before gave as its `after`."""
    if value is None:
        return None
    if not _CURSOR.fullmatch(value):
        raise click.BadParameter(f"{value!r} is not a cursor that a list has given", param=param)
    return int(value)


class Word(click.ParamType[str]):
    """Text that can be shown, and so be kept and looked for."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.isprintable():
            self.fail("it holds characters that cannot be shown", param, ctx)
        return value


word = Word()


def time(flag: str, *, help: str) -> Decorator[Any]:  # noqa: A002 - click's own word
    return click.option(flag, metavar="TIME", callback=moment, help=help)


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
account = click.option(
    "--account", type=word, metavar="acct_…", help="Of this connected account; `none`: the platform's own."
)
livemode = click.option("--livemode/--testmode", default=None, help="Of this mode only.")
lane = click.option("--lane", type=click.Choice(["crisis", "standard"]), help="On this lane only.")
types = click.option(
    "--type", "types", multiple=True, type=word, metavar="TYPE", help="Of this type; `invoice.*` works; repeatable."
)
limit = click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True, help="At most so many.")
after = click.option("--after", metavar="CURSOR", callback=cursor, help="Go on where the page before ended.")
since = time("--since", help="Received at or after this time, or within this age (15m, 24h, 7d).")
until = time("--until", help="Received before this time, or longer ago than this age.")
person = click.option("--person", type=word, metavar="USER_ID", help="Of this person, by the application's id.")
reason = click.option(
    "--reason", type=word, help="Why; mandatory for whatever is done or looked into, and kept in the audit trail."
)


def together(*options: Decorator[Any]) -> Decorator[Any]:
    """Several options as one decorator, shown in this order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
