"""Figure "memory": each process while a million events go through the whole walk, in loads with a rest after each.

python -m bench.memory --events 1000000
"""

from typing import TypeAlias

import click

from bench import load, machine, prepared, report, running, servers
from bench.rounds import Sample
from bench.servers import Services

# Events ended by then, and MiB of its own by process.
Point: TypeAlias = tuple[int, dict[str, float]]
_CONNECTIONS = 64
_LOAD_SECONDS = 10.0
_REST_SECONDS = 1200.0
_MOST_PER_SECOND = 12_000
_MIB = 1024 * 1024
# Caches and pools are full by then.
_SETTLED_SHARE = 0.2


def watch(services: Services, *, events: int) -> list[Point]:
    """All of the Procfile, its servers with it."""
    points: list[Point] = []
    with running.carelane(services, services.new_database("memory"), running.ALL) as carelane:
        first = carelane.last_row()
        while (done := carelane.last_row() - first) < events:
            points.append((done, _memory(carelane)))
            with prepared.batch(carelane.url, int(_MOST_PER_SECOND * _LOAD_SECONDS)) as batch:
                after = carelane.last_row()
                load.fire(carelane.url, batch, connections=_CONNECTIONS, seconds=_LOAD_SECONDS)
            carelane.settle(after, seconds=_REST_SECONDS)
        points.append((done, _memory(carelane)))
    return points


def _memory(carelane: running.Carelane) -> dict[str, float]:
    everyone = {process.name: process for process in carelane.services.processes} | dict(carelane.processes)
    return {name: process.memory_bytes() / _MIB for name, process in everyone.items()}


def samples(points: list[Point]) -> dict[str, list[Sample]]:
    """By process: what it held when its caches were full, and at the end."""
    last = points[-1][0]
    settled = next(memory for count, memory in points if count >= last * _SETTLED_SHARE)
    end = points[-1][1]
    return {
        name: [{"growth": end[name] / settled[name], "settled_mib": settled[name], "end_mib": end[name]}]
        for name in sorted(end)
        if settled.get(name)
    }


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
def main(*, events: int) -> None:
    """Measure, print the table, plot, write build/bench/memory.json."""
    described = machine.describe()
    with servers.services() as services:
        points = watch(services, events=events)
    figure = report.Report(
        figure="memory",
        title="Memory",
        reference="",
        measures={
            "growth": "end / a fifth of the way",
            "settled_mib": "MiB of its own at a fifth of the way",
            "end_mib": "MiB at the end",
        },
        situations={f"{points[-1][0]:,} events": samples(points)},
        machine=described,
        extra={"points": points},
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
