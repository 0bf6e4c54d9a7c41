"""The figure "ingress": how many signed deliveries a second are answered, how late, and for how much processor time.

`python -m bench.ingress --only carelane,bare-flask --connections 16,64 --seconds 3 --rounds 2` for a quick look.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import click

from bench import limit, load, machine, rounds, servers, targets
from bench.gauge import Gauge
from bench.limit import Limit
from bench.peers import djstripe, node
from bench.report import Report
from bench.rounds import Sample
from bench.targets import Opener, Target

REFERENCE = "bare-flask"
POSTGRESQL = "postgresql-alone"
_IDLE_PER_SECOND = 50.0
MEASURES = {
    "requests_per_second": "requests/s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "server_cpu_seconds_per_1000": "its CPU s / 1,000",
    "stores_cpu_seconds_per_1000": "PostgreSQL + Valkey CPU s / 1,000",
}


def _nothing() -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Peer:
    """`lacks` says what to install before it can be opened, None when nothing is missing."""

    open: Opener
    lacks: Callable[[], str | None] = _nothing


PEERS: Mapping[str, Peer] = {
    "carelane": Peer(targets.carelane),
    REFERENCE: Peer(targets.bare_flask),
    "bare-flask-granian": Peer(targets.bare_flask_granian),
    "fastify": Peer(node.fastify, partial(node.lacks, "fastify")),
    "sync-engine": Peer(node.sync_engine, partial(node.lacks, "sync_engine")),
    "djstripe": Peer(djstripe.with_callback, djstripe.lacks),
    "djstripe-as-shipped": Peer(djstripe.as_shipped, djstripe.lacks),
}
TARGETS = (*PEERS, POSTGRESQL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to measure: the idle situation, then each number of connections."""

    names: Sequence[str]
    connections: Sequence[int]
    seconds: float
    rounds: int
    idle: bool = True


def measure(plan: Plan, *, told: Callable[[str, Sample], None]) -> Report:
    """All targets run at once, for an idle one costs the others nothing that could be measured; they take turns."""
    described, left_out = machine.describe(), left_out_of(plan.names)
    names = [name for name in plan.names if name not in left_out]
    with servers.services() as services, ExitStack() as stack:
        gauge = Gauge(services)
        found = {name: stack.enter_context(PEERS[name].open(services)) for name in names if name in PEERS}
        for target in found.values():
            gauge.warm_up(target)
        alone = Limit(services) if POSTGRESQL in names else None
        return Report(
            figure="ingress",
            title="Ingress",
            reference=REFERENCE,
            measures=MEASURES,
            also_as_ratio=("p99_ms", "server_cpu_seconds_per_1000"),
            compared="carelane",
            situations={
                name: rounds.interleave(runs, plan.rounds, told=told)
                for name, runs in _situations(plan, gauge=gauge, found=found, alone=alone).items()
            },
            machine=described,
            left_out=left_out,
        )


def left_out_of(names: Sequence[str]) -> dict[str, str]:
    """What is missing on this machine, by target. Raises click.ClickException when there can be no load at all."""
    if (why := load.wrk()) is not None:
        raise click.ClickException(why)
    if unknown := set(names) - set(TARGETS):
        raise click.ClickException(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(TARGETS)}")
    lacking = {name: PEERS[name].lacks() if name in PEERS else limit.lacks() for name in names}
    return {name: why for name, why in lacking.items() if why is not None}


def _situations(
    plan: Plan, *, gauge: Gauge, found: Mapping[str, Target], alone: Limit | None
) -> dict[str, dict[str, Callable[[], Sample]]]:
    situations: dict[str, dict[str, Callable[[], Sample]]] = {}
    if plan.idle:
        situations[f"Idle ({_IDLE_PER_SECOND:.0f} a second)"] = {
            name: partial(gauge.idle, target, per_second=_IDLE_PER_SECOND, seconds=plan.seconds)
            for name, target in found.items()
        }
    for connections in plan.connections:
        runs: dict[str, Callable[[], Sample]] = {
            name: partial(gauge.loaded, target, connections=connections, seconds=plan.seconds)
            for name, target in found.items()
        }
        if alone is not None:
            runs[POSTGRESQL] = partial(alone.sample, connections=connections, seconds=plan.seconds)
        situations[f"{connections} connection{'s' if connections > 1 else ''}"] = runs
    return situations


def say(name: str, sample: Sample) -> None:
    """A sample as it comes, for a person who waits."""
    told = [f"{sample[measure]:,.1f} {heading}" for measure, heading in MEASURES.items() if measure in sample]
    click.echo(f"  {name}: {', '.join(told[:3])}", err=True)


@click.command()
@click.option("--only", default=",".join(TARGETS), help="Targets by name, with commas between.")
@click.option("--connections", default="16,64", show_default=True)
@click.option("--seconds", default=8.0, show_default=True, help="Of each sample.")
@click.option("--rounds", "count", default=3, show_default=True)
@click.option("--idle/--no-idle", default=True, show_default=True)
def ingress(*, only: str, connections: str, seconds: float, count: int, idle: bool) -> None:
    """Measure the front door."""
    plan = Plan(
        names=only.split(","),
        connections=[int(number) for number in connections.split(",")],
        seconds=seconds,
        rounds=count,
        idle=idle,
    )
    report = measure(plan, told=say)
    click.echo(report.markdown())
    click.echo(str(report.write()))


if __name__ == "__main__":
    ingress()
