"""Figure "idle": from a standard event's receipt to the end of its processing, when there is nothing else to do.

python -m bench.idle --events 500 --rounds 3
"""

import click

from bench import latency, machine, paced, report, running, servers, signed
from bench.rounds import Sample
from bench.servers import Services

_WARM_UP = 50
_CONNECTIONS = 4


def measure(services: Services, *, events: int, per_second: float) -> Sample:
    """All of the Procfile, on a database of its own."""
    services.empty_broker()
    with running.carelane(services, services.new_database("idle"), running.ALL) as carelane:
        for count in (_WARM_UP, events):
            made = list(signed.deliveries(signed.Wish(count=count)))
            posted = paced.send(carelane.url, made, per_second=per_second, connections=_CONNECTIONS)
        spans = carelane.ended([one.event for one in posted], lane="standard")
    return latency.summary([span.seconds for span in spans.values()])


@click.command()
@click.option("--events", default=500, show_default=True, help="In each round.")
@click.option("--per-second", default=20.0, show_default=True)
@click.option("--rounds", "round_count", default=3, show_default=True)
def main(*, events: int, per_second: float, round_count: int) -> None:
    """Measure, print the table, write build/bench/idle.json."""
    described = machine.describe()
    with servers.services() as services:
        samples = [measure(services, events=events, per_second=per_second) for _ in range(round_count)]
    figure = report.Report(
        figure="idle",
        title="Receipt to commit when idle",
        reference="",
        measures={"p99_ms": "p99 ms", "p50_ms": "p50", "p95_ms": "p95", "max_ms": "max"},
        situations={f"{per_second:.0f} standard events a second": {"carelane": samples}},
        machine=described,
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
