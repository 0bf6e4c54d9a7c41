"""`carelane status`: events by state, what waits in each lane, and the processes of `up` if it runs here."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType

from ingress.cli import environment, options, screen
from ingress.cli.database import connection
from shared import status as walk


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


def _page(found: walk.Status, processes: list[dict[str, Any]]) -> RenderableType:
    parts: list[RenderableType] = [
        screen.table("Events", ("STATE", "EVENTS"), found.events.items()),
        screen.table(
            "Lanes",
            ("LANE", "WAITING", "OLDEST"),
            ((name, lane.waiting, _age(lane.oldest_seconds)) for name, lane in found.lanes.items()),
        ),
    ]
    if processes:
        rows = ((line.get("name"), line.get("pid"), line.get("restarts")) for line in processes)
        parts.append(screen.table("Processes", ("NAME", "PID", "RESTARTS"), rows))
    return Group(*parts)


def _processes(home: Path) -> list[dict[str, Any]]:
    """What the supervisor says of its processes; nothing where none runs or its note cannot be read."""
    try:
        noted = json.loads((home / "run" / "processes.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    lines = noted.get("processes", noted) if isinstance(noted, dict) else noted
    if isinstance(lines, dict):
        lines = [{"name": name, **line} for name, line in lines.items() if isinstance(line, dict)]
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
