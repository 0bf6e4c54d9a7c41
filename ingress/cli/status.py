"""`carelane status`: events by state, what waits in each lane, and the processes of `up` if it runs here."""

import json
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Group, RenderableType
from rich.text import Text

from ingress.cli import environment, options, screen
from ingress.cli.database import connection
from shared import status as walk
from shared.guards import Guard

_Process = tuple[str, int | None, int]  # its name, its pid while it runs, how often it came back


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
        screen.show(_page(found, _processes(settings.home)))


def _page(found: walk.Status, processes: list[_Process]) -> RenderableType:
    parts: list[RenderableType] = [
        screen.table("Events", ("STATE", "EVENTS"), found.events.items()),
        screen.table(
            "Lanes",
            ("LANE", "WAITING", "OLDEST"),
            ((name, lane.waiting, _age(lane.oldest_seconds)) for name, lane in found.lanes.items()),
        ),
    ]
    if found.guards:
        parts.insert(0, _alarm(found.guards))
    if any(pid for _, pid, _ in processes):
        parts.append(screen.table("Processes", ("NAME", "PID", "RESTARTS"), processes))
    elif processes:
        parts.append(Text("No process of `carelane up` is running."))
    return Group(*parts)


def _alarm(guards: Sequence[Guard]) -> RenderableType:
    rows = ((g.type or "(no type)", f"{g.deaths} of {g.ended}", g.parked, g.opened_at, g.ends_at) for g in guards)
    return screen.table(
        "ALARM: dead letters in a flood; further ones of these types wait (see `carelane guard --help`)",
        ("TYPE", "DIED", "WAIT", "SINCE", "UNTIL"),
        rows,
    )


def _processes(home: Path) -> list[_Process]:
    """Name, pid and restarts as the supervisor noted them; nothing where it never ran or its note cannot be read."""
    try:
        noted = json.loads((home / "run" / "processes.json").read_text(encoding="utf-8"))
        return [(line["name"], line["pid"], line["restarts"]) for line in noted["processes"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
