"""A figure's samples as a table and as build/bench/<figure>.json, from which docs/performance.md is filled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench import rounds
from bench.rounds import Sample, Spread

RESULTS = Path(__file__).resolve().parents[1] / "build" / "bench"
_NOTHING = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One figure of `python -m bench`.

    `situations` holds the rounds by situation and target: {"64 connections": {"carelane": [sample, ...]}}. `measures`
    gives each measure's heading; the first one and those of `also_as_ratio` are told as ratios to `reference` too, and
    beside each target how many times as much of the first one `compared` has.
    `left_out` says, by target, what to install; `extra` is anything else that is kept with the figure, as a plot's
    points.
    """

    figure: str
    title: str
    reference: str
    measures: Mapping[str, str]
    situations: Mapping[str, Mapping[str, Sequence[Sample]]]
    machine: Mapping[str, str]
    also_as_ratio: Sequence[str] = ()
    compared: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def round_count(self) -> int:
        return max((len(samples) for targets in self.situations.values() for samples in targets.values()), default=0)

    def markdown(self) -> str:
        """Every situation's table, with what was left out and why."""
        tables = [f"{name}:\n\n{self._table(targets)}" for name, targets in self.situations.items()]
        absent = [f"Not measured: {target} ({why})." for target, why in self.left_out.items()]
        return "\n\n".join([*tables, *absent]) + "\n"

    def _table(self, targets: Mapping[str, Sequence[Sample]]) -> str:
        """The ratios first, then the measures; a column that nothing was measured for is left out."""
        reference, compared = targets.get(self.reference, ()), targets.get(self.compared or "", ())
        first = next(iter(self.measures))
        columns: list[tuple[str, list[Spread | None]]] = [
            (
                f"{self.measures[name]}, x {self.reference}",
                [rounds.ratio(samples, reference, name) for samples in targets.values()],
            )
            for name in (first, *self.also_as_ratio)
        ]
        if compared:
            heading = f"{self.compared}'s {self.measures[first]}, x this"
            columns.append((heading, [rounds.ratio(compared, samples, first) for samples in targets.values()]))
        columns += [
            (heading, [rounds.measured(samples, name) for samples in targets.values()])
            for name, heading in self.measures.items()
        ]
        kept = [(heading, cells) for heading, cells in columns if any(cells)]
        return _markdown_table(
            ["target", *(heading for heading, _ in kept)],
            [[target, *(told(cells[position]) for _, cells in kept)] for position, target in enumerate(targets)],
        )

    def write(self, directory: Path = RESULTS) -> Path:
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / f"{self.figure}.json"
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")
        return path


def _markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def read(path: Path) -> Report:
    """A report as it was written."""
    return Report(**json.loads(path.read_text(encoding="utf-8")))


def told(value: Spread | None) -> str:
    """The median, and the least and the most of the rounds: `1.21 (1.15-1.30)`."""
    if value is None:
        return _NOTHING
    if value.least == value.most:
        return number(value.median)
    return f"{number(value.median)} ({number(value.least)}-{number(value.most)})"


def number(value: float) -> str:
    """Three figures that count: 12,345; 101; 23.4; 2.31; 0.0123."""
    if abs(value) >= 100:  # noqa: PLR2004 - from here on no decimal counts
        return f"{value:,.0f}"
    if abs(value) >= 10:  # noqa: PLR2004 - as above, one does
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.3g}"  # noqa: PLR2004 - as above
