"""Where a worker's time goes while it drains a backlog: py-spy on `steady`, as build/bench/worker.svg and a table."""

import click

from bench import backlog, recording, running, servers, signed

_NAME = "worker"
# More than two recordings need, and py-spy its moment to begin.
_PER_SECOND = 6_000
_EVENTS_PER_SUBJECT = 10


@click.command()
@click.option("--seconds", default=3, show_default=True)
@click.option("--waits", is_flag=True, help="Count what waits for the interpreter's lock as well as what holds it.")
@click.option("--native", is_flag=True, help="Frames of C and Rust too.")
def profile_drain(*, seconds: int, waits: bool, native: bool) -> None:
    """Profile one of the two standard workers under a backlog."""
    wishes = recording.wishes_of(waits=waits, native=native)
    count = 2 * seconds * _PER_SECOND
    with servers.services() as services:
        database_url = services.new_database("profiled")
        with running.carelane(services, database_url, (*running.WORKERS, "relay")) as carelane:
            wish = signed.Wish(count=count, subjects=count // _EVENTS_PER_SUBJECT)
            backlog.release(carelane.conn, carelane.keys, wish)
            for output in recording.files(_NAME):
                recording.record(carelane.processes["steady"].pid, output, seconds=seconds, wishes=wishes)
            if not carelane.waiting():
                raise click.ClickException("the backlog ended before the recording did")
    recording.tell(_NAME)


if __name__ == "__main__":
    profile_drain()
