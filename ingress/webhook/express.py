"""The webhook's route without Flask or a thread for each request: the same walk and the same answers as in `app`.

A request that is refused takes no place that an authentic one could need: a short one is checked on the event loop, a
long one in threads of its own.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

from ingress import wsgi
from ingress.origin import Peer
from ingress.webhook import answers, signature
from ingress.webhook.app import PATH
from ingress.webhook.on_loop import OnLoop
from ingress.webhook.receive import Delivery, Door, Outcome, admit, keep_on_loop
from shared.arrivals import Arrival

_CHECKERS = 2


class Express:
    path = PATH
    most_bytes = 65_536  # what is longer would hold up the event loop while it is checked and read

    def __init__(self, door: Door) -> None:
        self._door = door

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        self._on_loop = OnLoop(self._door.keeper, loop, seconds=self._door.answer_seconds)
        self._checkers = ThreadPoolExecutor(_CHECKERS, thread_name_prefix="checker")

    def close(self) -> None:
        self._checkers.shutdown()

    def may_keep(self, headers: wsgi.Headers) -> bool:
        return signature.may_be(wsgi.header(headers, "stripe-signature"))

    async def answer(self, scope: wsgi.Scope, body: bytes, *, too_large: bool) -> wsgi.Answer:
        began = perf_counter()
        delivery = Delivery(
            encoding=wsgi.header(scope.headers, "content-encoding") or "",
            signature=wsgi.header(scope.headers, "stripe-signature"),
            body=body,
            too_large=too_large,
            peer=Peer(scope.client, wsgi.header(scope.headers, "x-forwarded-for")),
        )
        admitted = await self._admit(delivery)
        if isinstance(admitted, Outcome):
            outcome = admitted
        else:
            outcome = await keep_on_loop(self._door, delivery, admitted, self._on_loop)
        self._door.metrics.seconds.observe(perf_counter() - began)
        self._door.metrics.count(outcome.code)
        return answers.outcome(outcome.code, outcome.event_id)

    async def _admit(self, delivery: Delivery) -> Arrival | Outcome:
        if len(delivery.body) <= self.most_bytes:
            return admit(self._door, delivery)
        async with asyncio.timeout(self._door.answer_seconds):
            return await asyncio.get_running_loop().run_in_executor(self._checkers, admit, self._door, delivery)
