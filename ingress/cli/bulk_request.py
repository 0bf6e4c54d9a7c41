"""What `dead requeue`, `dead discard` and `events replay` are asked: options they share, and what cannot be meant."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import click

from ingress.cli import naming, options
from shared import dead_letters, events, reasons
from shared.bulk_acts import Act
from shared.bulk_work import MOST_NAMED

_FASTEST = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call of one of the commands; `ids` holds those of the file too."""

    act: Act
    noun: str
    wanted: dead_letters.Filter | events.Filter
    ids: tuple[str, ...]
    everything: bool
    livemode: bool | None
    reason: str | None
    yes: bool
    dry_run: bool
    rate: int | None
    as_json: bool


def together(filters: options.Decorator[Any], *, everything: str) -> options.Decorator[Any]:
    """All options of such a command; `everything` is what `--all` means there."""
    return options.together(
        click.argument("ids", metavar="[ID]…", nargs=-1, callback=naming.checked),
        click.option(
            "--ids-from",
            metavar="FILE",
            callback=naming.from_file,
            help=f"The IDs, one a line, at most {MOST_NAMED:,}; `-`: from the standard input.",
        ),
        click.option("--all", "everything", is_flag=True, help=everything),
        filters,
        options.account,
        options.livemode,
        options.reason,
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing."),
        click.option("--rate", type=click.IntRange(1, _FASTEST), metavar="N", help="At most so many a second."),
        options.as_json,
    )


def read(act: Act, noun: str, wanted: type[dead_letters.Filter | events.Filter], given: Mapping[str, Any]) -> Request:
    """From the options as click gives them; a usage error for what cannot be meant."""
    values = dict(given)
    listed: naming.Listed = values.pop("ids_from")
    values["ids"] = (*values["ids"], *listed.ids)
    chosen = wanted(**{name.name: values.pop(name.name) for name in fields(wanted) if name.name in values})
    request = Request(act=act, noun=noun, wanted=chosen, **values)
    _refuse_misuse(request)
    if listed.took_stdin and not (request.yes or request.dry_run):
        raise click.UsageError("With `--ids-from -` nobody can be asked: give --yes or --dry-run.")
    if not request.dry_run and (fault := reasons.fault_of(request.reason)):
        raise click.UsageError(f"--reason: {fault}.")
    return request


def _refuse_misuse(request: Request) -> None:
    filtered = not request.wanted.matches_everything()
    if not (request.ids or request.everything or filtered):
        raise click.UsageError("Name IDs, filters, or --all.")
    if request.ids and (request.everything or type(request.wanted)(account=request.wanted.account) != request.wanted):
        raise click.UsageError("With IDs only --account, --livemode and --testmode may be given.")
    if request.everything and filtered:
        raise click.UsageError("--all and filters contradict each other.")
    if request.livemode is not None and not request.ids:
        raise click.UsageError("--livemode and --testmode tell apart IDs; they are no filter.")
