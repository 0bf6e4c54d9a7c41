"""What build/bench/*.json holds, as Markdown: printed, or put between a page's marks.

`python -m bench.tables --into docs/performance.md` replaces what stands between `<!-- ingress -->` and
`<!-- /ingress -->`, and so on for each figure that was measured.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import click

from bench import report
from bench.report import RESULTS, Report

# Every figure, in the page's order; each is a module of this package.
FIGURES = (
    "ingress", "choices", "rest", "drain", "end_to_end", "crisis", "access", "idle", "propagation", "streams", "growth",
    "months", "fold", "memory", "start", "console",
)  # fmt: skip


def section(figure: Report) -> str:
    """The figure's tables, under a line that says what they were measured on."""
    machine = figure.machine
    on = ", ".join(machine[name] for name in ("processor", "memory") if name in machine)
    when = f"{machine.get('measured_at', '')[:10]}, {machine.get('cores')} cores, {on}, Python {machine.get('python')}"
    count = figure.round_count
    rounds = "one round" if count == 1 else f"medians of {count} rounds, least and most in brackets"
    return f"Measured {when}{_user(machine)}; {rounds}.\n\n{figure.markdown()}"


def _user(machine: Mapping[str, str]) -> str:
    return f", as {machine['user']}" if "user" in machine else ""


def put(page: str, sections: Mapping[str, str]) -> str:
    """The page with each section between its marks. Raises KeyError for a section that the page has no marks for."""
    for name, text in sections.items():
        marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not marks.search(page):
            raise KeyError(name)
        page = marks.sub(lambda found, text=text: f"{found[1]}\n{text.strip()}\n\n{found[2]}", page)  # type: ignore[misc]
    return page


def measured(directory: Path = RESULTS) -> dict[str, Report]:
    paths = {name: directory / f"{name}.json" for name in FIGURES}
    return {name: report.read(path) for name, path in paths.items() if path.exists()}


@click.command()
@click.option("--into", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A page with marks.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file for the tables alone.")
def tables(*, into: Path | None, output: Path | None) -> None:
    """Print what was measured."""
    sections = {name: section(found) for name, found in measured().items()}
    whole = "\n\n".join(f"## {name}\n\n{text}" for name, text in sections.items())
    if into is not None:
        into.write_text(put(into.read_text(encoding="utf-8"), sections), encoding="utf-8")
    if output is not None:
        output.write_text(whole, encoding="utf-8")
    if into is None and output is None:
        click.echo(whole)


if __name__ == "__main__":
    tables()
