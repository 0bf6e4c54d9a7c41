"""Figure "propagation": from the commit of a change to its arrival at a socket, with few and with many streams open.

python -m bench.propagation --changes 1000 --streams 2000, or with --short for a first look.
"""

import asyncio
from collections.abc import Mapping

import click

from bench import latency, listening, machine, report, running, servers
from bench.listening import JWT_SECRET, Listening, person
from bench.rounds import Sample
from bench.servers import Services
from bench.telling import Teller

_PROCESSES = ("deliver", "stream")
_LATEST_SECONDS = 60.0
_WARM_UP = 50
_SHORT_CHANGES, _SHORT_STREAMS = 100, 200


def measure(services: Services, *, changes: int, per_second: float, streams: int) -> Sample:
    """Each change is of one person, who holds a stream, while as many others hold theirs."""
    services.empty_broker()
    database_url = services.new_database("propagation")
    settings = {"CARELANE_SUPABASE_JWT_SECRET": JWT_SECRET, "CARELANE_STREAM_PORT": str(servers.free_port())}
    with running.carelane(services, database_url, _PROCESSES, **settings):
        teller = Teller(database_url, services.redis_url)
        try:
            return asyncio.run(_told(teller, settings, changes, per_second, streams))
        finally:
            teller.close()


async def _told(teller: Teller, settings: Mapping[str, str], changes: int, per_second: float, streams: int) -> Sample:
    heard = Listening(int(settings["CARELANE_STREAM_PORT"]))
    await heard.open(person(number) for number in range(streams))
    for count in (_WARM_UP, changes):
        users = [person(number % streams) for number in range(count)]
        made = await teller.tell_on(users, per_second=per_second)
        await heard.heard(made, seconds=_LATEST_SECONDS)
    await heard.close()
    return latency.summary([heard.arrived[number] - teller.committed[number] for number in made])


@click.command()
@click.option("--changes", default=1000, show_default=True, help="In each round.")
@click.option("--per-second", default=50.0, show_default=True)
@click.option("--streams", default=2000, show_default=True, help="Beside a situation with ten.")
@click.option("--rounds", "round_count", default=3, show_default=True)
@click.option("--short", is_flag=True, help="One small round.")
def main(*, changes: int, per_second: float, streams: int, round_count: int, short: bool) -> None:
    """Measure, print the table, write build/bench/propagation.json."""
    if short:
        changes, streams, round_count = _SHORT_CHANGES, _SHORT_STREAMS, 1
    described = machine.describe()
    listening.allow_files(streams)
    with servers.services() as services:
        situations = {
            f"{count:,} streams open, {per_second:.0f} changes a second": {
                "carelane": [
                    measure(services, changes=changes, per_second=per_second, streams=count) for _ in range(round_count)
                ]
            }
            for count in (10, streams)
        }
    figure = report.Report(
        figure="propagation",
        title="Propagation from commit to socket",
        reference="",
        measures={"p99_ms": "p99 ms", "p50_ms": "p50", "p95_ms": "p95", "max_ms": "max"},
        situations=situations,
        machine=described,
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
