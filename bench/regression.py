"""Whether a figure has fallen: its ratios to its reference beside those that were recorded."""

from collections.abc import Mapping

from bench import rounds
from bench.report import Report

# A shared machine moves even ratios; what a mistake costs at the door or in the queue is more than half.
LEAST_SHARE = 0.5


def ratios(figure: Report, *, target: str) -> dict[str, float]:
    """The median ratio of the figure's first measure, by situation."""
    measure = next(iter(figure.measures))
    found = {
        f"{figure.figure}, {name}": rounds.ratio(targets[target], targets[figure.reference], measure)
        for name, targets in figure.situations.items()
    }
    return {name: round(spread.median, 2) for name, spread in found.items() if spread is not None}


def fallen(measured: Mapping[str, float], recorded: Mapping[str, float]) -> list[str]:
    """A line for each recorded ratio that was not measured, or is less than LEAST_SHARE of what it was."""
    return [
        f"{name}: {measured.get(name, 'not measured')}, recorded {was}; the least is {LEAST_SHARE * was:.2f}"
        for name, was in recorded.items()
        if measured.get(name, 0.0) < LEAST_SHARE * was
    ]
