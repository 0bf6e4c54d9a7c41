"""Runs taken in turns, so that a machine that slows down slows all of them, and what their samples say together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeAlias

# One run's figures by name, units in the names: {"requests_per_second": 4012.5, "p99_ms": 31.2}.
Sample: TypeAlias = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of several rounds, and the least and the most of them."""

    median: float
    least: float
    most: float


def interleave(
    runs: Mapping[str, Callable[[], Sample]],
    rounds: int,
    *,
    told: Callable[[str, Sample], None] = lambda _name, _sample: None,
) -> dict[str, list[Sample]]:
    """Take each run once a round, in the order given: A B C, A B C. `told` hears of each sample as it comes."""
    samples: dict[str, list[Sample]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            sample = run()
            samples[name].append(sample)
            told(name, sample)
    return samples


def spread(values: Iterable[float]) -> Spread:
    """Raises ValueError when there are no values."""
    found = list(values)
    if not found:
        raise ValueError("no values to tell the middle of")
    return Spread(median(found), min(found), max(found))


def measured(samples: Sequence[Sample], measure: str) -> Spread | None:
    """What the rounds say of one measure; None when no round has it."""
    values = [sample[measure] for sample in samples if measure in sample]
    return spread(values) if values else None


def ratio(samples: Sequence[Sample], reference: Sequence[Sample], measure: str) -> Spread | None:
    """`samples` over `reference`, round by round: what changed between rounds changed for both.

    None when there is no round in which both were measured and the reference is not nought.
    """
    pairs = [
        (one[measure], other[measure])
        for one, other in zip(samples, reference, strict=False)
        if one.get(measure) is not None and other.get(measure)
    ]
    return spread(mine / theirs for mine, theirs in pairs) if pairs else None
