"""All figures, each in a process of its own: `python -m bench`, or `python -m bench drain crisis`."""

import subprocess
import sys

import click

from bench.processes import ROOT
from bench.report import RESULTS
from bench.tables import FIGURES


@click.command()
@click.argument("figures", nargs=-1, type=click.Choice(FIGURES))
def bench(*, figures: tuple[str, ...]) -> None:
    """Measure the figures named, or all of them; their tables and curves go to build/bench too."""
    failed = []
    for figure in figures or FIGURES:
        click.echo(f"== {figure}")
        if subprocess.run([sys.executable, "-m", f"bench.{figure}"], cwd=ROOT, check=False).returncode:
            failed.append(figure)
    subprocess.run([sys.executable, "-m", "bench.tables", "--output", str(RESULTS / "tables.md")], cwd=ROOT, check=True)
    subprocess.run([sys.executable, "-m", "bench.draw", "--into", str(RESULTS / "figures")], cwd=ROOT, check=True)
    if failed:
        raise click.ClickException(f"could not be measured: {', '.join(failed)}")


if __name__ == "__main__":
    bench()
