"""A short run for continuous integration: the ratios must not have fallen far below those of bench/recorded.json.

`python -m bench.smoke`; with --record it writes what it measured instead. Never a time: machines differ, and what is
measured beside the same reference in the same minute differs far less.
"""

import json
from functools import partial
from pathlib import Path

import click

from bench import drain, ingress, machine, report, rounds, servers
from bench.regression import fallen, ratios
from bench.report import Report

RECORDED = Path(__file__).with_name("recorded.json")
_CONNECTIONS = (16, 64)
_SECONDS = 2.0
_ROUNDS = 3
_DRAIN_ROUNDS = 2
_EVENTS = 2000


def figures() -> tuple[Report, Report]:
    plan = ingress.Plan(
        names=["carelane", ingress.REFERENCE], connections=_CONNECTIONS, seconds=_SECONDS, rounds=_ROUNDS, idle=False
    )
    return ingress.measure(plan, told=ingress.say), _drain()


def _drain() -> Report:
    names = (drain.CARELANE, drain.REFERENCE)
    with servers.services() as services:
        runs = {name: partial(drain.TARGETS[name], services, events=_EVENTS, subjects=_EVENTS // 10) for name in names}
        samples = rounds.interleave(runs, _DRAIN_ROUNDS)
    return Report(
        figure="drain",
        title="Draining a backlog",
        reference=drain.REFERENCE,
        measures={"events_per_second": "events/s"},
        situations={f"{_EVENTS:,} events": samples},
        machine=machine.describe(),
    )


def measure() -> dict[str, float]:
    """Run both and print their tables."""
    found: dict[str, float] = {}
    for figure in figures():
        click.echo(figure.markdown())
        found |= ratios(figure, target="carelane")
    return found


@click.command()
@click.option("--record", is_flag=True, help="Write the ratios down instead of judging them.")
def smoke(*, record: bool) -> None:
    """Measure shortly, print the tables, fail when a ratio has fallen."""
    measured = measure()
    if record:
        RECORDED.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        return
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    if fallen(measured, recorded):
        click.echo("A ratio is low; once more, for the machine may have been busy.")
        again = measure()
        measured = {name: max(value, again.get(name, 0.0)) for name, value in measured.items()}
    for name, was in recorded.items():
        click.echo(f"{name}: {report.number(measured.get(name, 0.0))} x its reference, recorded {was}")
    if faults := fallen(measured, recorded):
        raise click.ClickException("slower than recorded:\n" + "\n".join(faults))


if __name__ == "__main__":
    smoke()
