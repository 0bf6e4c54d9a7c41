"""Figure "crisis": how soon an event of a person in danger takes effect, idle, behind a backlog, and in a storm.

python -m bench.crisis, or with --short for a first look.
"""

from collections.abc import Sequence
from functools import partial

import click

from bench import crisis_scene, latency, machine, report, rounds, servers
from bench.crisis_scene import Size
from bench.report import Report
from bench.rounds import Sample

REFERENCE = "idle"
MEASURES = {
    "p99_ms": "receipt to commit p99 ms",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "max_ms": "max",
    "post_to_commit_p99_ms": "POST to commit p99 ms",
    "post_to_commit_max_ms": "max",
    "post_p99_ms": "POST answered p99 ms",
    "still_waiting": "standard waiting at the end",
}
_PER_SECOND = 40.0
_SHORT = Size(events=200, per_second=_PER_SECOND, waiting=5000)


def measure(names: Sequence[str], size: Size, *, round_count: int) -> Report:
    """The situations in turns, each round on a Carelane of its own."""
    described = machine.describe()
    scenes = {name: scene for name, scene in crisis_scene.situations().items() if name in names}
    with servers.services() as services:
        runs = {name: partial(crisis_scene.measure, services, scene, size) for name, scene in scenes.items()}
        samples = rounds.interleave(runs, round_count, told=_tell)
    return Report(
        figure="crisis",
        title="Crisis latency",
        reference=REFERENCE,
        measures=MEASURES,
        situations={f"{size.events} crisis events a round, {size.waiting:,} standard ones before them": samples},
        machine=described,
        extra={
            "all_rounds": {name: latency.summary(scene.receipts) for name, scene in scenes.items()},
            "curves": {name: latency.curve(scene.receipts) for name, scene in scenes.items()},
        },
    )


@click.command()
@click.option("--events", default=1000, show_default=True, help="Crisis events in each round.")
@click.option("--waiting", default=100_000, show_default=True, help="Standard events that wait when a round begins.")
@click.option("--rounds", "round_count", default=2, show_default=True)
@click.option("--only", default="idle,backlog,storm", show_default=True)
@click.option("--short", is_flag=True, help="One small round.")
def main(*, events: int, waiting: int, round_count: int, only: str, short: bool) -> None:
    """Measure, print the table, write build/bench/crisis.json."""
    size = _SHORT if short else Size(events=events, per_second=_PER_SECOND, waiting=waiting)
    figure = measure(only.split(","), size, round_count=1 if short else round_count)
    figure.write()
    click.echo(figure.markdown())
    for name, whole in figure.extra["all_rounds"].items():
        click.echo(f"{name}, all rounds together: {_words(whole)}")


def _tell(name: str, sample: Sample) -> None:
    click.echo(f"  {name}: {_words(sample)}")


def _words(sample: Sample) -> str:
    return ", ".join(f"{heading} {report.number(sample[key])}" for key, heading in MEASURES.items() if key in sample)


if __name__ == "__main__":
    main()
