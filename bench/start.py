"""Figure "start": how soon `carelane up` is ready where it ran before.

python -m bench.start --rounds 5
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import machine, processes, report, servers, signed
from bench.report import RESULTS
from bench.rounds import Sample

REFERENCE = "on an existing environment"
# What it says, and what that tells: events are taken and carried; the last process is up.
_SAYS = {"carries_seconds": "Stripe posts to", "seconds": "Ctrl-C stops it."}
_STOP_SECONDS = 90.0
_READY_SECONDS = 120.0


def start(home: Path, environ: dict[str, str]) -> Sample:
    """Seconds until it says so; it is stopped before this returns."""
    began = time.monotonic()
    with _up(home, environ) as process:
        return _moments(process, began)


@contextmanager
def _up(home: Path, environ: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Without the demonstration, which comes when all is ready."""
    command = [sys.executable, "-m", "ingress.cli.main", "up", "--no-demo"]
    process = subprocess.Popen(
        command,
        env=environ | {"CARELANE_HOME": str(home)},
        cwd=processes.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        processes.end(process, ((signal.SIGTERM, _STOP_SECONDS),))  # type: ignore[arg-type]


def _moments(process: "subprocess.Popen[str]", began: float) -> Sample:
    said: list[str] = []
    found: dict[str, float] = {}
    for line in process.stdout or ():
        said.append(line)
        found |= {name: time.monotonic() - began for name, words in _SAYS.items() if words in line}
        if found.keys() == _SAYS.keys():
            return found
    raise processes.DidNotStart("carelane up ended before it was ready:\n" + "".join(said)[-3000:])


def measure(round_count: int) -> dict[str, list[Sample]]:
    """The first start makes the database, the others find it."""
    ports = {f"CARELANE_{name}_PORT": str(servers.free_port()) for name in ("WEBHOOK", "APP", "STREAM", "FLOWER")}
    environ = processes.inherited() | ports | {"STRIPE_WEBHOOK_SECRETS": signed.SECRET}
    RESULTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=RESULTS, prefix="home-") as directory:
        home = Path(directory, "home")
        first, *again = (start(home, environ) for _ in range(round_count + 1))
    return {REFERENCE: list(again), "the first time, making the database": [first]}


@click.command()
@click.option("--rounds", "round_count", default=5, show_default=True)
def main(*, round_count: int) -> None:
    """Measure, print the table, write build/bench/start.json."""
    figure = report.Report(
        figure="start",
        title="From `carelane up` until events are carried, and until all is ready",
        reference=REFERENCE,
        measures={"carries_seconds": "until events are carried, s", "seconds": "until all is ready, s"},
        machine=machine.describe(),
        situations={"carelane up": measure(round_count)},
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
