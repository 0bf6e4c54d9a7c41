"""`carelane run`: becomes one process of the Procfile, so that containers and units hold no copy of its command."""

import os

import click

from ingress.cli import alone
from ingress.cli.faults import Unusable

_FOR_ITS_OWNER_ALONE = 0o077


@click.command()
@click.argument("name", envvar="CARELANE_PROCESS")
def run(*, name: str) -> None:
    """Become the process NAME of the Procfile (crisis, or crisis.2 for a second one), with its share of the settings.

    Nothing watches over it here: systemd, Docker or Kubernetes restarts what ends, `carelane alive NAME` tells them.
    """
    process = alone.prepare(name)
    os.umask(_FOR_ITS_OWNER_ALONE)
    try:
        os.execvpe(process.command[0], process.command, process.environ)  # noqa: S606 - a program of the Procfile
    except OSError as error:
        raise Unusable(f"{process.command[0]} cannot be started: {error.strerror}") from error
