"""Where the door's time goes: py-spy on its processes under load, as build/bench/door.svg and as a table."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import click

from bench import folded, load, prepared, servers, targets
from bench.report import RESULTS
from bench.targets import Target

_PY_SPY = Path(sys.executable).with_name("py-spy")
_PER_SECOND = 15_000
_SAMPLES_PER_SECOND = "250"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """Under which load, for how long, and what else py-spy is asked for."""

    connections: int
    seconds: int
    wishes: tuple[str, ...]


def record(target: Target, output: Path, style: str, manner: Manner) -> None:
    """One recording of the whole process tree while a load runs; the load is a little the longer."""
    command = [str(_PY_SPY), "record", "--pid", str(target.process.pid), "--subprocesses", "--format", style]
    command += ["--duration", str(manner.seconds), "--rate", _SAMPLES_PER_SECOND, "--output", str(output)]
    longer = manner.seconds + 2
    with prepared.batch(target.url, _PER_SECOND * longer) as batch, ThreadPoolExecutor(1) as beside:
        firing = beside.submit(load.fire, target.url, batch, connections=manner.connections, seconds=longer)
        done = subprocess.run(
            [*command, *manner.wishes], capture_output=True, text=True, timeout=manner.seconds + 60, check=False
        )
        firing.result()
    if done.returncode:
        raise click.ClickException(f"py-spy: {done.stderr.strip()[-500:]}")


def profile(opened: AbstractContextManager[Target], manner: Manner) -> str:
    """Both recordings; the table is returned and kept as door.txt."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    raw = RESULTS / "door.folded"
    with opened as target:
        record(target, RESULTS / "door.svg", "flamegraph", manner)
        record(target, raw, "raw", manner)
    table = folded.table(folded.shares(raw.read_text(encoding="utf-8").splitlines()))
    (RESULTS / "door.txt").write_text(table + "\n", encoding="utf-8")
    return table


@click.command()
@click.option("--connections", default=64)
@click.option("--seconds", default=5)
@click.option("--waits", is_flag=True, help="Count what waits for the interpreter's lock as well as what holds it.")
@click.option("--native", is_flag=True, help="Frames of C and Rust too.")
def profile_door(*, connections: int, seconds: int, waits: bool, native: bool) -> None:
    """Profile Carelane's door under load."""
    wishes = (*(() if waits else ("--gil",)), *(("--native",) if native else ()))
    manner = Manner(connections=connections, seconds=seconds, wishes=wishes)
    with servers.services() as services:
        click.echo(profile(targets.carelane(services), manner))
    click.echo(f"\n{RESULTS / 'door.svg'}")


if __name__ == "__main__":
    profile_door()
