"""`carelane status`: events by state, what waits in each lane, and the processes of `up` if it runs here."""

from collections.abc import Sequence

import click
from rich.console import Group, RenderableType
from rich.text import Text

from ingress.cli import environment, options, running, screen
from ingress.cli.database import connection
from ingress.cli.running import Running
from shared import status as walk
from shared.guards import Guard


@click.command()
@options.as_json
def status(*, as_json: bool) -> None:
    """Events by state, and what waits in each lane."""
    settings = environment.settings()
    with connection(settings) as conn:
        found = walk.read(conn)
    if as_json:
        screen.json_document(found.to_json())
    else:
        screen.show(_page(found, running.read(settings.home)))


def _page(found: walk.Status, here: Running | None) -> RenderableType:
    parts: list[RenderableType] = [
        screen.table(_title(found), ("STATE", "EVENTS"), found.events.items()),
        screen.table(
            "Lanes",
            ("LANE", "WAITING", "OLDEST", "PARKED"),
            ((name, lane.waiting, _age(lane.oldest_seconds), lane.parked) for name, lane in found.lanes.items()),
        ),
    ]
    if found.guards:
        parts.insert(0, _alarm(found.guards))
    if here and any(one.pid for one in here.processes):
        rows = ((one.name, one.pid, one.restarts) for one in here.processes)
        parts.append(screen.table("Processes", ("NAME", "PID", "RESTARTS"), rows))
    elif here:
        parts.append(Text("No process of `carelane up` is running."))
    return Group(*parts)


def _title(found: walk.Status) -> str:
    return "Events (processed and ignored: about)" if found.is_estimated else "Events"


def _alarm(guards: Sequence[Guard]) -> RenderableType:
    rows = ((g.type or "(no type)", f"{g.deaths} of {g.ended}", g.parked, g.opened_at, g.ends_at) for g in guards)
    return screen.table(
        "ALARM: dead letters in a flood; further ones of these types wait (see `carelane guard --help`)",
        ("TYPE", "DIED", "WAIT", "SINCE", "UNTIL"),
        rows,
    )


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
