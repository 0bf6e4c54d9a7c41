"""Figure "rest": what the door's parts take one after the other, and once in 20 ms, as in a door at rest.

python -m bench.rest --events 400 --rounds 3
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from statistics import quantiles

import click
import psycopg

from bench import door_parts, machine, report, rounds, servers
from bench.door_parts import Door, deliveries
from bench.rounds import Sample
from bench.statements import load

BUSY = "one after the other"
_REST_SECONDS = 0.02
_PERCENT = 100

# Makes ready what it needs for so many events, and gives the work of each.
Part = Callable[[int], Sequence[Callable[[], object]]]


@contextmanager
def parts() -> Iterator[dict[str, Part]]:
    """By situation."""
    with (
        servers.services() as services,
        door_parts.door(services) as door,
        psycopg.connect(services.new_database("smallest"), autocommit=True) as conn,
    ):
        conn.execute(load("smallest")["create"])
        yield {
            "To verify and read a delivery": lambda count: [
                partial(door.admit, delivery) for delivery in deliveries(count)
            ],
            "To keep it, sealed and once, in a commit of its own": lambda count: _keeping(door, count),
            "The smallest commit there is, an INSERT of one number": lambda count: (
                [partial(conn.execute, load("smallest")["insert"])] * count
            ),
        }


def _keeping(door: Door, count: int) -> list[Callable[[], object]]:
    arrivals = [door.admit(delivery) for delivery in deliveries(count)]
    return [partial(door.inbox.keep, arrival, nudged=True) for arrival in arrivals]


def _spin() -> None:
    """Hold the processor, which so neither sleeps nor does anything else."""
    ends = time.perf_counter() + _REST_SECONDS
    while time.perf_counter() < ends:
        pass


_BETWEEN: dict[str, Callable[[], None]] = {
    BUSY: lambda: None,
    "one in 20 ms, asleep between": lambda: time.sleep(_REST_SECONDS),
    "one in 20 ms, spinning between": _spin,
}


def measure(part: Part, *, events: int, between: Callable[[], None]) -> Sample:
    """Milliseconds of one; what is between them is not of it."""
    seconds = []
    for work in part(events):
        between()
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    of_hundred = quantiles(seconds, n=_PERCENT)
    return {"p50_ms": of_hundred[49] * 1000, "p99_ms": of_hundred[98] * 1000}


@click.command()
@click.option("--events", default=400, show_default=True, help="In each run.")
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, events: int, round_count: int) -> None:
    """Measure, print the table, write build/bench/rest.json."""
    situations = {}
    with parts() as found:
        for situation, part in found.items():
            runs = {name: partial(measure, part, events=events, between=between) for name, between in _BETWEEN.items()}
            runs[BUSY]()  # connections, prepared statements, imports
            situations[situation] = rounds.interleave(runs, round_count)
    figure = report.Report(
        figure="rest",
        title="The door's parts at rest",
        reference=BUSY,
        measures={"p50_ms": "p50 ms", "p99_ms": "p99 ms"},
        situations=situations,
        machine=machine.describe(),
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
