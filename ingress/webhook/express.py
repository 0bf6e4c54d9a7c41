"""The webhook's route without Flask and without a thread: the same walk and the same answers as in `app`."""

import asyncio
from time import perf_counter

from ingress import wsgi
from ingress.webhook import answers
from ingress.webhook.app import PATH
from ingress.webhook.on_loop import OnLoop
from ingress.webhook.receive import Delivery, Door, receive_on_loop


class Express:
    path = PATH
    most_bytes = 65_536  # what is longer would hold up the event loop while it is checked and read

    def __init__(self, door: Door) -> None:
        self._door = door

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_loop = OnLoop(self._door.keeper, loop, seconds=self._door.answer_seconds)

    async def answer(self, headers: wsgi.Headers, body: bytes) -> wsgi.Answer:
        began = perf_counter()
        delivery = Delivery(
            encoding=wsgi.header(headers, "content-encoding") or "",
            signature=wsgi.header(headers, "stripe-signature"),
            body=body,
            too_large=False,
        )
        outcome = await receive_on_loop(self._door, delivery, self._on_loop)
        self._door.metrics.seconds.observe(perf_counter() - began)
        self._door.metrics.count(outcome.code)
        return answers.outcome(outcome.code, outcome.event_id)
