"""Where a process's time goes, by py-spy: a flame graph, and the functions with the largest shares."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from bench import folded
from bench.report import RESULTS

_PY_SPY = Path(sys.executable).with_name("py-spy")
_SAMPLES_PER_SECOND = "250"


def files(name: str) -> tuple[Path, Path]:
    """The flame graph's, and the folded stacks'."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    return RESULTS / f"{name}.svg", RESULTS / f"{name}.folded"


def record(pid: int, output: Path, *, seconds: int, wishes: Sequence[str] = ()) -> None:
    """The whole process tree for so long, in the form that the file's suffix says; raises ClickException."""
    style = "flamegraph" if output.suffix == ".svg" else "raw"
    command = [str(_PY_SPY), "record", "--pid", str(pid), "--subprocesses", "--format", style]
    command += ["--duration", str(seconds), "--rate", _SAMPLES_PER_SECOND, "--output", str(output), *wishes]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if done.returncode:
        raise click.ClickException(f"py-spy: {done.stderr.strip()[-500:]}")


def tell(name: str) -> None:
    """Print the table of what was recorded under this name, and keep it beside."""
    graph, raw = files(name)
    table = folded.table(folded.shares(raw.read_text(encoding="utf-8").splitlines()))
    raw.with_suffix(".txt").write_text(table + "\n", encoding="utf-8")
    click.echo(f"{table}\n\nShares of what was recorded: {graph}")


def wishes_of(*, waits: bool, native: bool) -> list[str]:
    """py-spy's options: what holds the interpreter's lock only, and frames of C and Rust too."""
    return [*([] if waits else ["--gil"]), *(["--native"] if native else [])]
