"""Figure "access": how soon a person's access is answered, computed, and while PostgreSQL or Valkey is away.

python -m bench.access, or with --short for a first look.
"""

import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial

import click

from bench import access_scene, access_stores, latency, machine, report, rounds
from bench.access_faults import LIVE, STATES
from bench.access_gauge import BARE, Gauge
from bench.report import Report
from bench.rounds import Sample

MEASURES = {
    "p99_ms": "p99 ms",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "max_ms": "max",
    "degraded_percent": "degraded %",
    "live_again_seconds": "computed again after s",
}
_GOAL_MS, _LIVE_GOAL_MS = 100.0, 10.0
_SHORT_SECONDS = 2.0


def measure(names: Sequence[str], *, per_second: float, seconds: float, round_count: int) -> Report:
    """The states in turns, after the bare door, each strike on the same stores and the same application door."""
    described = machine.describe()
    with access_stores.stores() as stores, access_scene.scene(stores) as scene:
        gauge = Gauge(scene, per_second=per_second, seconds=seconds)
        runs: dict[str, Callable[[], Sample]] = {name: partial(gauge.state, name) for name in names}
        samples = rounds.interleave({BARE: gauge.bare} | runs, round_count, told=_tell)
    return Report(
        figure="access",
        title="The access call",
        reference=BARE,
        measures=MEASURES,
        situations={f"{per_second:.0f} calls a second": samples},
        machine=described,
        extra={"all_rounds": {name: latency.summary(found) for name, found in gauge.taken.items()}},
    )


@click.command()
@click.option("--per-second", default=100.0, show_default=True)
@click.option("--seconds", default=10.0, show_default=True, help="Of each sample.")
@click.option("--rounds", "round_count", default=3, show_default=True)
@click.option("--only", default=",".join(STATES), help="States by name, with commas between.")
@click.option("--short", is_flag=True, help="One round of two seconds each.")
def main(*, per_second: float, seconds: float, round_count: int, only: str, short: bool) -> None:
    """Measure, print the table, write build/bench/access.json."""
    names = only.split(",")
    if unknown := set(names) - set(STATES):
        raise click.ClickException(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(STATES)}")
    # SIGTERM runs the way out as Ctrl-C does: otherwise the servers would outlive whoever started them.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("asked to stop"))
    figure = measure(
        names,
        per_second=per_second,
        seconds=_SHORT_SECONDS if short else seconds,
        round_count=1 if short else round_count,
    )
    figure.write()
    click.echo(figure.markdown())
    for name in names:
        click.echo(_judged(name, figure.extra["all_rounds"][name]))


def _judged(name: str, whole: Sample) -> str:
    goal = _LIVE_GOAL_MS if name == LIVE else _GOAL_MS
    kept = "kept" if whole["p99_ms"] < goal else "NOT KEPT"
    return f"{name}, all rounds together: {_words(whole)}; p99 under {goal:.0f} ms is {kept}"


def _tell(name: str, sample: Sample) -> None:
    click.echo(f"  {name}: {_words(sample)}", err=True)


def _words(sample: Sample) -> str:
    return ", ".join(f"{heading} {report.number(sample[key])}" for key, heading in MEASURES.items() if key in sample)


if __name__ == "__main__":
    main()
