"""Plots of what was measured, from build/bench/*.json into docs/figures: `python -m bench.draw`."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from bench import plots, report, rounds
from bench.plots import Axes
from bench.report import RESULTS, Report


def crisis(found: Report, path: Path) -> Path:
    """Up to which latency lies which share of the crisis events, in each situation."""
    series = {name: [(ms, share * 100) for share, ms in points] for name, points in found.extra["curves"].items()}
    words = Axes(
        title="Crisis events: receipt to commit", x="milliseconds", y="% of events within that time", x_by_factors=True
    )
    return plots.lines(path, words, series)


def growth(found: Report, path: Path) -> Path:
    """Rates at each size, as shares of the smallest one's."""
    measure = next(iter(found.measures))
    groups = {
        situation: {
            target: spread.median
            for target, samples in targets.items()
            if (spread := rounds.ratio(samples, targets[found.reference], measure)) is not None
        }
        for situation, targets in found.situations.items()
    }
    return plots.bars(path, Axes(title="Rates by kept events", x="", y=f"x {found.reference}"), groups)


def memory(found: Report, path: Path) -> Path:
    """MiB by the events that have gone through, of each process."""
    points = found.extra["points"]
    series = {name: [(count, held[name]) for count, held in points] for name in points[0][1]}
    return plots.lines(path, Axes(title="Memory by process", x="events ended", y="MiB of its own"), series)


def fold(found: Report, path: Path) -> Path:
    """Cost of a fact by the facts its subject has, one line."""
    (targets,) = found.situations.values()
    costs = [rounds.measured(samples, "ms_per_event") for samples in targets.values()]
    # A target is named by its first and last fact: `facts 101-200`.
    ends = [int(name.rpartition("-")[2]) for name in targets]
    points = [(end, cost.median) for end, cost in zip(ends, costs, strict=True) if cost is not None]
    return plots.lines(path, Axes(title="Cost of a fact", x="facts of its subject", y="ms"), {"one worker": points})


def end_to_end(found: Report, path: Path) -> Path:
    """Events a second, by the number of connections."""
    groups = {
        situation: {
            target: spread.median
            for target, samples in targets.items()
            if (spread := rounds.measured(samples, "events_per_second")) is not None
        }
        for situation, targets in found.situations.items()
    }
    return plots.bars(path, Axes(title="From the POST to the change of state", x="", y="events a second"), groups)


PLOTS: Mapping[str, Callable[[Report, Path], Path]] = {
    "crisis": crisis,
    "end_to_end": end_to_end,
    "fold": fold,
    "growth": growth,
    "memory": memory,
}


@click.command()
@click.option("--into", default=plots.FIGURES, type=click.Path(file_okay=False, path_type=Path))
def main(*, into: Path) -> None:
    """Draw every figure that was measured."""
    for name, draw in PLOTS.items():
        measured = RESULTS / f"{name}.json"
        if measured.exists():
            click.echo(draw(report.read(measured), into / f"{name}.svg"))


if __name__ == "__main__":
    main()
