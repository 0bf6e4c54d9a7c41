"""`carelane alive`: whether a process of the Procfile gets on, for health checks in containers that have no curl."""

from collections.abc import Callable

import click

from ingress.cli import environment
from ingress.cli.faults import Failed
from ingress.cli.up.readiness import answers
from shared import pulse
from shared.config import Settings

_WITHIN_SECONDS = 30.0
_ANSWERED_OR_ASKED_FOR_A_PASSWORD = frozenset({200, 401})


@click.command()
@click.argument("name", envvar="CARELANE_PROCESS")
@click.option("--ready", is_flag=True, help="Of a door: whether it can do its work, its database included.")
def alive(*, name: str, ready: bool) -> None:
    """Tell whether the process NAME gets on, here: the doors and Flower answer, the others touch a file."""
    settings = environment.settings()
    if not _look(name, settings, "/readyz" if ready else "/healthz")():
        raise Failed(f"{name} shows no sign of life here")
    click.echo(f"{name} gets on")


def _look(name: str, settings: Settings, path: str) -> Callable[[], bool]:
    doors: dict[str, Callable[[], bool]] = {
        "webhook": lambda: answers(settings.host, settings.webhook_port, path),
        "app": lambda: answers(settings.host, settings.app_port, path),
        "stream": lambda: answers(settings.host, settings.stream_port, path),
        "flower": lambda: answers("127.0.0.1", settings.flower_port, "/", statuses=_ANSWERED_OR_ASKED_FOR_A_PASSWORD),
    }
    return doors.get(
        name.partition(".")[0], lambda: pulse.is_fresh(settings.home, name, within_seconds=_WITHIN_SECONDS)
    )
