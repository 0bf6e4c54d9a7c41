"""Where the door's time goes: py-spy on its processes under load, as build/bench/door.svg and as a table."""

from concurrent.futures import ThreadPoolExecutor

import click

from bench import load, prepared, recording, servers, targets

_NAME = "door"
_PER_SECOND = 15_000


@click.command()
@click.option("--connections", default=64, show_default=True)
@click.option("--seconds", default=5, show_default=True)
@click.option("--waits", is_flag=True, help="Count what waits for the interpreter's lock as well as what holds it.")
@click.option("--native", is_flag=True, help="Frames of C and Rust too.")
def profile_door(*, connections: int, seconds: int, waits: bool, native: bool) -> None:
    """Profile Carelane's door under load."""
    wishes = recording.wishes_of(waits=waits, native=native)
    longer = seconds + 2
    with servers.services() as services, targets.carelane(services) as target:
        for output in recording.files(_NAME):
            with prepared.batch(target.url, _PER_SECOND * longer) as batch, ThreadPoolExecutor(1) as beside:
                firing = beside.submit(load.fire, target.url, batch, connections=connections, seconds=longer)
                recording.record(target.process.pid, output, seconds=seconds, wishes=wishes)
                firing.result()
    recording.tell(_NAME)


if __name__ == "__main__":
    profile_door()
