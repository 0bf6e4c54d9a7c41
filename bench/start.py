"""Figure "start": how soon `carelane up` is ready where it ran before, and what each process has used by then.

python -m bench.start --rounds 5
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import machine, processes, report, servers, signed
from bench.processes import Running
from bench.report import RESULTS
from bench.rounds import Sample

REFERENCE = "on an existing environment"
# What it says, and what that tells: events are taken and carried; the last process is up.
_SAYS = {"carries_seconds": "Stripe posts to", "seconds": "Ctrl-C stops it."}
# What `make run` installs and nothing else: some libraries import others where they find them.
_AS_INSTALLED = RESULTS / "run-venv" / "bin" / "python"
_STOP_SECONDS = 90.0
_READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds until it said so, and the processor's seconds by process; it was stopped again."""

    moments: Sample
    used: Mapping[str, float]


def start(python: Path, home: Path, environ: Mapping[str, str]) -> Start:
    began = time.monotonic()
    with _up(python, home, environ) as process:
        return Start(_moments(process, began), dict(_used(home)))


@contextmanager
def _up(python: Path, home: Path, environ: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Without the demonstration, which comes when all is ready."""
    process = subprocess.Popen(
        [str(python), "-m", "ingress.cli.main", "up", "--no-demo"],
        env={**environ, "CARELANE_HOME": str(home)},
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


def _used(home: Path) -> Iterator[tuple[str, float]]:
    for entry in json.loads((home / "run" / "processes.json").read_text(encoding="utf-8"))["processes"]:
        yield entry["name"], Running(entry["name"], entry["pid"], home).cpu_seconds()


def _moments(process: "subprocess.Popen[str]", began: float) -> Sample:
    said: list[str] = []
    found: dict[str, float] = {}
    for line in process.stdout or ():
        said.append(line)
        found |= {name: time.monotonic() - began for name, words in _SAYS.items() if words in line}
        if found.keys() == _SAYS.keys():
            return found
    raise processes.DidNotStart("carelane up ended before it was ready:\n" + "".join(said)[-3000:])


def measure(python: Path, round_count: int) -> tuple[Start, list[Start]]:
    """The first start, which makes the database, and the others, which find it."""
    ports = {f"CARELANE_{name}_PORT": str(servers.free_port()) for name in ("WEBHOOK", "APP", "STREAM", "FLOWER")}
    environ = processes.inherited() | ports | {"STRIPE_WEBHOOK_SECRETS": signed.SECRET}
    RESULTS.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=RESULTS, prefix="home-") as directory:
        home = Path(directory, "home")
        first, *again = (start(python, home, environ) for _ in range(round_count + 1))
    return first, again


@click.command()
@click.option("--rounds", "round_count", default=5, show_default=True)
def main(*, round_count: int) -> None:
    """Measure, print the tables, write build/bench/start.json."""
    python = _AS_INSTALLED if _AS_INSTALLED.exists() else Path(sys.executable)
    first, again = measure(python, round_count)
    place = "the environment that `make run` makes" if python == _AS_INSTALLED else "the bench's own environment"
    started = {REFERENCE: [one.moments for one in again], "the first time, making the database": [first.moments]}
    used = {name: [{"cpu_seconds": one.used[name]} for one in again] for name in again[0].used}
    figure = report.Report(
        figure="start",
        title="From `carelane up` until events are carried, and until all is ready",
        reference=REFERENCE,
        measures={
            "carries_seconds": "until events are carried, s",
            "seconds": "until all is ready, s",
            "cpu_seconds": "CPU s",
        },
        machine=machine.describe(),
        situations={f"`carelane up` in {place}": started, "What each has used of the processor by then": used},
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
