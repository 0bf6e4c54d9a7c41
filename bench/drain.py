"""Figure "drain": a backlog of the standard lane carried to its end, beside naive Celery and procrastinate.

python -m bench.drain --events 20000 --rounds 5
"""

from collections.abc import Callable
from functools import partial

import click

from bench import drain_carelane, drain_naive, machine, report, rounds, servers
from bench.rounds import Sample

CARELANE, REFERENCE, PROCRASTINATE = "carelane", "naive-celery", "procrastinate"
TARGETS: dict[str, Callable[..., Sample]] = {
    CARELANE: drain_carelane.drain,
    REFERENCE: drain_naive.celery,
    PROCRASTINATE: drain_naive.procrastinate,
}
# A reference needs no longer backlog than this to show its rate.
_LONGEST_OF_REFERENCES = 5000
_EVENTS_PER_SUBJECT = 10


@click.command()
@click.option("--events", default=10_000, show_default=True, help="Length of Carelane's backlog.")
@click.option("--rounds", "round_count", default=3, show_default=True)
@click.option("--only", default=",".join(TARGETS), show_default=True, help="Targets, parted by commas.")
def main(*, events: int, round_count: int, only: str) -> None:
    """Measure, print the table, write build/bench/drain.json."""
    with servers.services() as services:
        runs = {name: partial(TARGETS[name], services, **_size(name, events)) for name in only.split(",")}
        samples = rounds.interleave(runs, round_count, told=lambda name, sample: click.echo(_line(name, sample)))
    figure = report.Report(
        figure="drain",
        title="Draining a backlog",
        reference=REFERENCE,
        measures={"events_per_second": "events/s", "cpu_seconds_per_1000": "CPU s per 1,000 events"},
        situations={_told(events): samples},
        machine=machine.describe(),
    )
    figure.write()
    click.echo(figure.markdown())


def _told(events: int) -> str:
    if events <= _LONGEST_OF_REFERENCES:
        return f"{events:,} events waiting"
    return f"{events:,} events waiting, for the references {_LONGEST_OF_REFERENCES:,}"


def _size(name: str, events: int) -> dict[str, int]:
    length = events if name == CARELANE else min(events, _LONGEST_OF_REFERENCES)
    return {"events": length, "subjects": max(1, length // _EVENTS_PER_SUBJECT)}


def _line(name: str, sample: Sample) -> str:
    return f"  {name}: " + ", ".join(f"{measure} {report.number(value)}" for measure, value in sample.items())


if __name__ == "__main__":
    main()
