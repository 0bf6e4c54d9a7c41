"""Figure "streams": what open streams cost the stream door in memory, and how long one change to all of them takes.

python -m bench.streams --streams 2000, or with --short for a first look.
"""

import asyncio
import time
from collections.abc import Callable, Mapping

import click

from bench import listening, machine, report, running, servers
from bench.listening import JWT_SECRET, Listening, person
from bench.processes import Running
from bench.rounds import Sample
from bench.servers import Services
from bench.telling import Teller

_PROCESSES = ("deliver", "stream")
_LATEST_SECONDS = 120.0
_REST_SECONDS = 3.0
_SHORT_STREAMS = 200
_MIB = 1024 * 1024
_KIB = 1024


def measure(services: Services, *, streams: int) -> Sample:
    """Memory with a tenth of the streams and with all of them: what one costs is the slope, not the start's share."""
    services.empty_broker()
    database_url = services.new_database("streams")
    settings = {"CARELANE_SUPABASE_JWT_SECRET": JWT_SECRET, "CARELANE_STREAM_PORT": str(servers.free_port())}
    with running.carelane(services, database_url, _PROCESSES, **settings) as carelane:
        teller = Teller(database_url, services.redis_url)
        try:
            return asyncio.run(_measure(teller, carelane.processes["stream"], settings, streams))
        finally:
            teller.close()


async def _measure(teller: Teller, door: Running, settings: Mapping[str, str], streams: int) -> Sample:
    heard = Listening(int(settings["CARELANE_STREAM_PORT"]))
    users = [person(number) for number in range(streams)]
    few = max(1, streams // 10)
    await heard.open(users[:few])
    before = await _rested(door.memory_bytes)
    began = time.perf_counter()
    await heard.open(users[few:])
    opened_seconds = time.perf_counter() - began
    after = await _rested(door.memory_bytes)
    made = await asyncio.to_thread(teller.tell, users)
    await heard.heard(made, seconds=_LATEST_SECONDS)
    first = teller.committed[made[0]]
    await heard.close()
    return {
        "kib_per_stream": (after - before) / (streams - few) / _KIB,
        "door_mib": after / _MIB,
        "opened_per_second": (streams - few) / opened_seconds,
        "all_told_ms": (max(heard.arrived[number] for number in made) - first) * 1000,
    }


async def _rested(memory_bytes: Callable[[], int]) -> int:
    await asyncio.sleep(_REST_SECONDS)
    return memory_bytes()


@click.command()
@click.option("--streams", default=2000, show_default=True)
@click.option("--rounds", "round_count", default=3, show_default=True)
@click.option("--short", is_flag=True, help="One round of few streams.")
def main(*, streams: int, round_count: int, short: bool) -> None:
    """Measure, print the table, write build/bench/streams.json."""
    if short:
        streams, round_count = _SHORT_STREAMS, 1
    described = machine.describe()
    listening.allow_files(streams)
    with servers.services() as services:
        samples = [measure(services, streams=streams) for _ in range(round_count)]
    figure = report.Report(
        figure="streams",
        title="Open streams",
        reference="",
        measures={
            "kib_per_stream": "KiB a stream",
            "door_mib": "MiB of the door with all open",
            "opened_per_second": "streams opened a second",
            "all_told_ms": "one change to each: ms until the last has it",
        },
        situations={f"{streams:,} streams": {"carelane": samples}},
        machine=described,
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
