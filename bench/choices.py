"""Figure "choices": what the door's own way saves beside the usual one, part by part, each in one thread.

python -m bench.choices --events 4096 --rounds 5
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import click
import stripe
from celery import Celery

from bench import machine, report, rounds, servers, signed
from bench.rounds import Sample
from bench.servers import Services
from ingress.webhook import signature
from shared import arrivals, config, doorbells
from shared.arrivals import Arrival
from shared.broker import MOST_IDS, Nudge
from shared.config import Settings
from shared.db import Pool
from shared.doorbells import Doorbell
from shared.inbox import Inbox
from shared.rules.lanes import STANDARD
from shared.task_messages import PROCESS

T = TypeVar("T")

USUAL = "the usual way"
_TIMEOUT_SECONDS = 5.0
_KEEP_TIMEOUT_MS = 1300
_GROUPS = (8, 64)

# Makes ready what it needs for so many events, and gives the work to be timed.
Part = Callable[[int], Callable[[], object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The door's own objects, in this process, and Celery as its documentation has it."""

    settings: Settings = field(repr=False)
    inbox: Inbox
    doorbell: Doorbell
    celery: Celery

    def parts(self) -> dict[str, dict[str, Part]]:
        """By situation and target."""
        return {
            "To verify and read a delivery of 3 KB; the usual way is `stripe.Webhook.construct_event`": {
                USUAL: _constructing,
                "carelane": self._admitting,
            },
            "To ring for an event; the usual way is Celery's `send_task`": {
                USUAL: self._sending,
                "carelane, alone": partial(self._ringing, together=1),
                f"carelane, {MOST_IDS} in a message": partial(self._ringing, together=MOST_IDS),
            },
            "To keep an event, sealed and once; the usual way is a commit for each": {
                USUAL: partial(self._keeping, together=1),
                **{f"carelane, {most} in a commit": partial(self._keeping, together=most) for most in _GROUPS},
            },
        }

    def _admitting(self, count: int) -> Callable[[], object]:
        made = deliveries(count)
        return lambda: [self.admit(delivery) for delivery in made]

    def admit(self, delivery: signed.Delivery) -> Arrival:
        """As the door does before it keeps one."""
        now, body = int(time.time()), delivery.body
        verdict = signature.verify(delivery.header, body, secrets=self.settings.webhook_secrets, now=now)
        if isinstance(verdict, signature.Refused):
            raise click.ClickException(f"a delivery was refused: {verdict.code}")
        return arrivals.read(
            body,
            access_critical_types=self.settings.access_critical_types,
            signed_at=verdict.signed_at,
            secret_name=verdict.secret_name,
        )

    def _sending(self, count: int) -> Callable[[], object]:
        send = partial(self.celery.send_task, PROCESS, queue="standard", ignore_result=True)
        return lambda: [send(args=([row_id],)) for row_id in range(count)]

    def _ringing(self, count: int, *, together: int) -> Callable[[], object]:
        nudges = [Nudge(ids, "standard", STANDARD) for ids in _groups(range(count), together)]

        def work() -> None:
            if not all(self.doorbell.ring([nudge]) for nudge in nudges):
                raise click.ClickException("the broker did not take a nudge")

        return work

    def _keeping(self, count: int, *, together: int) -> Callable[[], object]:
        groups = _groups([self.admit(delivery) for delivery in deliveries(count)], together)

        def work() -> None:
            for group in groups:
                for kept in self.inbox.keep_many(group, nudged=[True] * len(group)):
                    if isinstance(kept, Exception) or kept.duplicate:
                        raise click.ClickException(f"an event was not kept anew: {kept}")

        return work


def _constructing(count: int) -> Callable[[], object]:
    made = deliveries(count)
    return lambda: [stripe.Webhook.construct_event(each.body, each.header, signed.SECRET) for each in made]


def deliveries(count: int) -> list[signed.Delivery]:
    return list(signed.deliveries(signed.Wish(count=count)))


def _groups(things: Sequence[T], length: int) -> list[tuple[T, ...]]:
    return [tuple(things[start : start + length]) for start in range(0, len(things), length)]


@contextmanager
def choices(services: Services) -> Iterator[Choices]:
    database_url = services.new_database("chosen")
    door = servers.carelane(services.home / "chosen", database_url=database_url, redis_url=services.redis_url)[
        "webhook"
    ]
    settings = config.load(door.environ)
    with ExitStack() as stack:
        pool = Pool(
            database_url,
            name="bench",
            size=1,
            statement_timeout_ms=_KEEP_TIMEOUT_MS,
            prepares=settings.prepared_statements,
        )
        stack.callback(pool.close)
        yield Choices(
            settings=settings,
            inbox=Inbox(pool, public_key=settings.seal_public_key or b"", lookup_key=settings.lookup_key or b""),
            doorbell=stack.enter_context(closing(doorbells.required(settings, timeout_seconds=_TIMEOUT_SECONDS))),
            celery=Celery("usual", broker=services.redis_url),
        )


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
    with servers.services() as services, choices(services) as made:
        for situation, targets in made.parts().items():
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
