"""Plots as SVG, the same bytes for the same figures: no date, no chance in the names of their parts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "figures"
_INCHES = (7.2, 3.8)
# Told apart by those who see colours differently too (Okabe and Ito).
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_STYLE = {
    "svg.hashsalt": "carelane",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """A plot's words, and whether its axes grow by factors."""

    title: str
    x: str
    y: str
    x_by_factors: bool = False
    y_by_factors: bool = False


def lines(path: Path, axes: Axes, series: Mapping[str, Sequence[tuple[float, float]]]) -> Path:
    """One line for each series, its points in order; to docs/figures/<name>.svg or wherever `path` says."""
    with _plot(path, axes) as plot:
        for position, (name, points) in enumerate(series.items()):
            across, up = zip(*points, strict=True)
            plot.plot(across, up, label=name, color=_colour(position), linestyle=_dash(position), linewidth=1.6)
        if not axes.y_by_factors:
            plot.set_ylim(bottom=0)
        if len(series) > len(_COLOURS):
            plot.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        else:
            plot.legend(frameon=False)
    return path


def bars(path: Path, axes: Axes, groups: Mapping[str, Mapping[str, float]]) -> Path:
    """A group of bars for each key, in it one bar for each target; a target that a group lacks has no bar there."""
    targets = list(dict.fromkeys(target for group in groups.values() for target in group))
    width = 0.8 / len(targets)
    with _plot(path, axes) as plot:
        for position, target in enumerate(targets):
            places = [
                place + position * width - 0.4 + width / 2
                for place, group in enumerate(groups.values())
                if target in group
            ]
            heights = [group[target] for group in groups.values() if target in group]
            plot.bar(places, heights, width * 0.92, label=target, color=_colour(position))
        plot.set_xticks(range(len(groups)), list(groups))
        plot.grid(visible=False, axis="x")
        plot.legend(frameon=False)
    return path


def _colour(position: int) -> str:
    return _COLOURS[position % len(_COLOURS)]


def _dash(position: int) -> str:
    return "-" if position < len(_COLOURS) else "--"


@contextmanager
def _plot(path: Path, axes: Axes) -> Iterator[Any]:
    import matplotlib as mpl  # noqa: PLC0415 - slow to load, and not there where nothing is plotted

    mpl.use("svg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - as above

    with mpl.rc_context(_STYLE):
        figure, plot = plt.subplots(figsize=_INCHES, layout="constrained")
        plot.set(title=axes.title, xlabel=axes.x, ylabel=axes.y)
        plot.set_xscale("log" if axes.x_by_factors else "linear")
        plot.set_yscale("log" if axes.y_by_factors else "linear")
        yield plot
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
