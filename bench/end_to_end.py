"""Figure "end-to-end": from the POST to the change of state, each connection waiting for its answers.

python -m bench.end_to_end --only carelane,naive-celery --connections 16,64 --seconds 3 --rounds 2
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import click

from bench import load, machine, pipelines, prepared, report, rounds, servers
from bench.peers import djstripe, node
from bench.pipelines import Opener, Pipeline
from bench.report import Report
from bench.rounds import Sample
from bench.running import NotOnce
from bench.servers import Services

REFERENCE = "naive-celery"
MEASURES = {
    "events_per_second": "events/s",
    "answered_per_second": "answers/s",
    "p99_ms": "POST p99 ms",
    "cpu_seconds_per_1000": "CPU s / 1,000",
}
_MOST_PER_SECOND = 12_000
_WARM_UP_SECONDS = 1.0
_WARM_UP_CONNECTIONS = 16


def _nothing() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Peer:
    """`lacks` says what to install before it can be opened, None when nothing is missing."""

    open: Opener
    lacks: Callable[[], str | None] = _nothing


PEERS: Mapping[str, Peer] = {
    "carelane": Peer(pipelines.carelane),
    REFERENCE: Peer(pipelines.naive_celery),
    "sync-engine": Peer(pipelines.in_the_request(node.sync_engine), partial(node.lacks, "sync_engine")),
    "djstripe": Peer(pipelines.in_the_request(djstripe.as_shipped), djstripe.lacks),
}


def sample(services: Services, pipeline: Pipeline, *, connections: int, seconds: float) -> Sample:
    """One load, and the wait until all of it has had effect."""
    services.settle()
    mark = pipeline.mark()
    with prepared.batch(pipeline.url, int(_MOST_PER_SECOND * seconds)) as batch:
        cpu_before = pipeline.cpu_seconds()
        fired = load.fire(pipeline.url, batch, connections=connections, seconds=seconds)
        ended = pipeline.ended(mark, batch.prefix, fired)
    if ended.events < fired.answered:
        raise NotOnce(f"{pipeline.name} answered {fired.answered} and carried {ended.events}")
    return {
        "events_per_second": ended.events / ended.seconds,
        "answered_per_second": fired.per_second,
        "p99_ms": fired.p99_ms,
        "cpu_seconds_per_1000": (pipeline.cpu_seconds() - cpu_before) * 1000 / ended.events,
    }


def measure(names: Sequence[str], *, connections: Sequence[int], seconds: float, round_count: int) -> Report:
    """All pipelines run at once, for an idle one costs the others nothing that could be measured; they take turns."""
    described, lacking = machine.describe(), {name: why for name in names if (why := PEERS[name].lacks()) is not None}
    with servers.services() as services, ExitStack() as stack:
        opened = [stack.enter_context(PEERS[name].open(services)) for name in names if name not in lacking]
        situations = _situations(services, opened, connections=connections, seconds=seconds, round_count=round_count)
    return Report(
        figure="end_to_end",
        title="End to end",
        reference=REFERENCE,
        measures=MEASURES,
        compared="carelane",
        situations=situations,
        machine=described,
        left_out=lacking,
    )


def _situations(
    services: Services, opened: Sequence[Pipeline], *, connections: Sequence[int], seconds: float, round_count: int
) -> dict[str, dict[str, list[Sample]]]:
    for pipeline in opened:
        sample(services, pipeline, connections=_WARM_UP_CONNECTIONS, seconds=_WARM_UP_SECONDS)
    return {
        f"{number} connections": rounds.interleave(
            {one.name: partial(sample, services, one, connections=number, seconds=seconds) for one in opened},
            round_count,
            told=_tell,
        )
        for number in connections
    }


@click.command()
@click.option("--only", default=",".join(PEERS), show_default=True)
@click.option("--connections", default="16,64", show_default=True)
@click.option("--seconds", default=8.0, show_default=True, help="Of each load.")
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, only: str, connections: str, seconds: float, round_count: int) -> None:
    """Measure, print the table, write build/bench/end_to_end.json."""
    numbers = [int(number) for number in connections.split(",")]
    figure = measure(only.split(","), connections=numbers, seconds=seconds, round_count=round_count)
    figure.write()
    click.echo(figure.markdown())


def _tell(name: str, found: Sample) -> None:
    click.echo(f"  {name}: " + ", ".join(f"{heading} {report.number(found[key])}" for key, heading in MEASURES.items()))


if __name__ == "__main__":
    main()
