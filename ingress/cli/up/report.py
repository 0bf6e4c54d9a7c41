"""What `up` says to the person who started it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ingress.cli.up.environment import FLOWER_USER, Effective
from shared.own_address import reachable


class _LastingConsole(Console):
    def on_broken_pipe(self) -> None:
        """Rich would end the program here, in the middle of an orderly stop."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())  # else Python complains when it flushes at its end
        os.close(nowhere)


class Report:
    """Prints, and goes on in silence once nobody listens: a closed terminal must not end the supervision."""

    def __init__(self) -> None:
        self._out = _LastingConsole(highlight=False, soft_wrap=True)
        self._errors = _LastingConsole(stderr=True, highlight=False, soft_wrap=True)

    def line(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._out.print(escape(text))

    def trouble(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._errors.print(f"[yellow]{escape(text)}[/]")

    def failure(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._errors.print(f"[bold red]Carelane does not start.[/] {escape(text)}")

    def addresses(self, effective: Effective) -> None:
        """Where everything is, as soon as events are taken and carried."""
        table = Table.grid(padding=(0, 2))
        for name, value in _rows(effective):
            table.add_row(name, escape(value))
        with contextlib.suppress(OSError, ValueError):
            self._out.print(table)
        for note in effective.notes:
            self.trouble(note)


def _rows(effective: Effective) -> Iterator[tuple[str, str]]:
    settings, values = effective.settings, effective.values
    host = reachable(settings.host)
    host = f"[{host}]" if ":" in host else host
    yield "Stripe posts to", f"http://{host}:{settings.webhook_port}/api/webhooks/stripe"
    if values["STRIPE_WEBHOOK_SECRETS"].startswith("development="):
        yield "Signing secret", values["STRIPE_WEBHOOK_SECRETS"].partition("=")[2] + "  (for development)"
    yield "Application door", f"http://{host}:{settings.app_port}"
    yield "Live updates", f"http://{host}:{settings.stream_port}/api/stream"
    yield "Flower", f"http://127.0.0.1:{settings.flower_port}  {FLOWER_USER} / {values['CARELANE_FLOWER_PASSWORD']}"
    yield "Settings in effect", _short(settings.home / "env")
    yield "Logs", _short(settings.home / "logs")


def _short(path: Path) -> str:
    """As one would type it here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
