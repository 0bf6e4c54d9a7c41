"""Figure "growth": rates of the door and of the workers beside the number of events that are kept.

python -m bench.growth --kept 10000,1000000,3000000
"""

import shutil

import click

from bench import growth_rates, machine, report, rounds, servers
from bench.report import RESULTS
from bench.rounds import Sample

# Measured: an event with its body, facts, history and indexes takes this much, and each size has its own copy.
_BYTES_PER_EVENT = 5_000
_SHARE_OF_DISK = 0.8


@click.command()
@click.option("--kept", default="10000,1000000,10000000", show_default=True, help="Numbers of kept events.")
@click.option("--seconds", default=8.0, show_default=True, help="Of each load on the door.")
@click.option("--events", default=20_000, show_default=True, help="Of each backlog.")
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, kept: str, seconds: float, events: int, round_count: int) -> None:
    """Measure, print the tables, write build/bench/growth.json."""
    wanted = sorted(int(size) for size in kept.split(","))
    described, sizes = machine.describe(), fitting(wanted)
    with servers.services() as services:
        found = growth_rates.databases(services, sizes)
        wishes = growth_rates.runs(services, found, seconds=seconds, events=events)
        situations = {name: rounds.interleave(runs, round_count, told=_tell) for name, runs in wishes.items()}
    figure = report.Report(
        figure="growth",
        title="Growth",
        reference=growth_rates.told(sizes[0]),
        measures={"per_second": "events/s", "p99_ms": "POST p99 ms"},
        situations=situations,
        machine=described,
        left_out={growth_rates.told(size): "it needs more disk" for size in wanted if size not in sizes},
    )
    figure.write()
    click.echo(figure.markdown())


def fitting(sizes: list[int]) -> list[int]:
    """Those for which the disk has room, all of them being there at once."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    room, found = shutil.disk_usage(RESULTS).free * _SHARE_OF_DISK, []
    for size in sizes:
        room -= size * _BYTES_PER_EVENT
        if room > 0:
            found.append(size)
    return found


def _tell(name: str, sample: Sample) -> None:
    click.echo(f"  {name}: {report.number(sample['per_second'])} a second")


if __name__ == "__main__":
    main()
