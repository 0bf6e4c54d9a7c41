"""`carelane restart`: asks the running `carelane up` to replace its processes one after the other, and looks on."""

import json
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import click

from ingress.cli import environment, running
from ingress.cli.faults import Failed, Unusable
from ingress.cli.running import Noted, RollingRestart
from ingress.cli.up.home import write_private
from ingress.cli.up.rolling import request_file

_PAUSE_SECONDS = 0.2


@click.command()
@click.argument("names", metavar="[PROCESS]...", nargs=-1)
@click.option(
    "timeout_seconds",
    "--timeout",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="Look on for no longer than this.",
)
def restart(*, names: tuple[str, ...], timeout_seconds: float) -> None:
    """Replace the processes of the running `carelane up` one after the other, all or those named (crisis, or crisis.2).

    Each is replaced only when the one before is ready again; events go on being answered and kept. PostgreSQL and
    Valkey are left alone. When one does not come back, the others go on with what they run.
    """
    home = environment.settings().home
    chosen = choose(_processes(home), names)
    request = secrets.token_hex(8)
    write_private(request_file(home), json.dumps({"id": request, "names": chosen}))
    try:
        _look_on(home, request, deadline=time.monotonic() + timeout_seconds)
    finally:
        request_file(home).unlink(missing_ok=True)  # one that nobody took up is not to be taken up later


def choose(processes: Sequence[Noted], wanted: Sequence[str]) -> list[str]:
    """Names of the processes to replace: all, or those wanted by their own name or by that of their kind."""
    known = [process.name for process in processes if not process.is_service]
    unknown = [name for name in wanted if name not in known and name not in {k.partition(".")[0] for k in known}]
    if unknown:
        raise Unusable(f"{', '.join(unknown)}: not among the processes that run here: {', '.join(known)}")
    return [name for name in known if not wanted or name in wanted or name.partition(".")[0] in wanted]


def _processes(home: Path) -> Sequence[Noted]:
    found = running.read(home)
    if found is None or found.supervisor is None:
        raise Failed(f"no `carelane up` is running on {home}")
    if found.restart and not found.restart.over:
        raise Failed("a restart is already under way")
    return found.processes


def _look_on(home: Path, request: str, *, deadline: float) -> None:
    told = 0
    while time.monotonic() < deadline:
        found = running.read(home)
        if found is None or found.supervisor is None:
            raise Failed("`carelane up` has ended meanwhile")
        if found.restart and found.restart.id == request:
            told = _tell(found.restart, told)
            if found.restart.failed:
                raise Failed(f"{found.restart.failed}; left as they were: {', '.join(found.restart.left) or 'none'}")
            if found.restart.over:
                return
        time.sleep(_PAUSE_SECONDS)
    raise Failed("not all processes were ready again in time; `carelane status` shows which run")


def _tell(restart: RollingRestart, told: int) -> int:
    for name in restart.done[told:]:
        click.echo(f"{name} was restarted")
    return len(restart.done)
