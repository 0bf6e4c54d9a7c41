"""Figure "choices": what the door's own way saves beside the usual one, part by part, each in one thread.

python -m bench.choices --events 4096 --rounds 5
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

import click
import stripe
from celery import Celery

from bench import door_parts, machine, report, rounds, servers, signed
from bench.door_parts import Door, deliveries
from bench.rounds import Sample
from bench.servers import Services
from shared.broker import MOST_IDS, Nudge
from shared.rules.lanes import STANDARD
from shared.task_messages import PROCESS

T = TypeVar("T")

USUAL = "the usual way"
_GROUPS = (8, 64)

# Makes ready what it needs for so many events, and gives the work to be timed.
Part = Callable[[int], Callable[[], object]]


def parts(door: Door, celery: Celery) -> dict[str, dict[str, Part]]:
    """By situation and target; `celery` as its documentation has it."""
    return {
        "To verify and read a delivery of 3 KB; the usual way is `stripe.Webhook.construct_event`": {
            USUAL: _constructing,
            "carelane": partial(_admitting, door),
        },
        "To ring for an event; the usual way is Celery's `send_task`": {
            USUAL: partial(_sending, celery),
            "carelane, alone": partial(_ringing, door, together=1),
            f"carelane, {MOST_IDS} in a message": partial(_ringing, door, together=MOST_IDS),
        },
        "To keep an event, sealed and once; the usual way is a commit for each": {
            USUAL: partial(_keeping, door, together=1),
            **{f"carelane, {most} in a commit": partial(_keeping, door, together=most) for most in _GROUPS},
        },
    }


def _constructing(count: int) -> Callable[[], object]:
    made = deliveries(count)
    return lambda: [stripe.Webhook.construct_event(each.body, each.header, signed.SECRET) for each in made]


def _admitting(door: Door, count: int) -> Callable[[], object]:
    made = deliveries(count)
    return lambda: [door.admit(delivery) for delivery in made]


def _sending(celery: Celery, count: int) -> Callable[[], object]:
    send = partial(celery.send_task, PROCESS, queue="standard", ignore_result=True)
    return lambda: [send(args=([row_id],)) for row_id in range(count)]


def _ringing(door: Door, count: int, *, together: int) -> Callable[[], object]:
    nudges = [Nudge(ids, "standard", STANDARD) for ids in _groups(range(count), together)]

    def work() -> None:
        if not all(door.doorbell.ring([nudge]) for nudge in nudges):
            raise click.ClickException("the broker did not take a nudge")

    return work


def _keeping(door: Door, count: int, *, together: int) -> Callable[[], object]:
    groups = _groups([door.admit(delivery) for delivery in deliveries(count)], together)

    def work() -> None:
        for group in groups:
            for kept in door.inbox.keep_many(group, nudged=[True] * len(group)):
                if isinstance(kept, Exception) or kept.duplicate:
                    raise click.ClickException(f"an event was not kept anew: {kept}")

    return work


def _groups(things: Sequence[T], length: int) -> list[tuple[T, ...]]:
    return [tuple(things[start : start + length]) for start in range(0, len(things), length)]


def _timed(services: Services, part: Part, events: int) -> Sample:
    """Of one event, in microseconds: the clock's, and this process's share of the processor."""
    work = part(events)
    services.empty_broker()
    services.settle()
    began, cpu_began = time.perf_counter(), time.process_time()
    work()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    return {"microseconds": seconds / events * 1e6, "cpu_microseconds": cpu_seconds / events * 1e6}


@click.command()
@click.option("--events", default=4096, show_default=True, help="In each run.")
@click.option("--rounds", "round_count", default=5, show_default=True)
def main(*, events: int, round_count: int) -> None:
    """Measure, print the table, write build/bench/choices.json."""
    situations = {}
    with servers.services() as services, door_parts.door(services) as door:
        for situation, targets in parts(door, Celery("usual", broker=services.redis_url)).items():
            runs = {name: partial(_timed, services, part, events) for name, part in targets.items()}
            for run in runs.values():  # connections, prepared statements, imports
                run()
            situations[situation] = rounds.interleave(runs, round_count)
    figure = report.Report(
        figure="choices",
        title="The door's choices",
        reference=USUAL,
        measures={"microseconds": "µs an event", "cpu_microseconds": "CPU µs, without the servers'"},
        situations=situations,
        machine=machine.describe(),
    )
    figure.write()
    click.echo(figure.markdown())


if __name__ == "__main__":
    main()
