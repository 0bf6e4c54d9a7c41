"""Stripe as a case needs it when its list must be asked afterwards: lives go on, each event is delivered once."""

import random
import threading
import time
from contextlib import contextmanager

from ingress.cli.simulator import courier, lives, server
from ingress.cli.simulator.courier import Troubles
from ingress.cli.simulator.world import World
from tests.chaos.client import Client
from tests.running import SECRET

NAME = "drill_"
AT_ONCE = 60


class StripeSide:
    """What is not taken is not delivered again: only its list can tell of it. `client` counts what was promised."""

    def __init__(self, url, *, per_second):
        self.world, self.client = World(clock=time.time), None
        self._url, self._per_second, self._over = url, per_second, threading.Event()
        self._thread = None

    @contextmanager
    def serving(self):
        with server.running(self.world) as stand_in:
            yield stand_in.url

    @contextmanager
    def delivering(self, url):
        self.client = Client(url)
        self._thread = threading.Thread(target=self._deliver)
        self._thread.start()
        try:
            yield self
        finally:
            self.stop()

    def stop(self):
        self._over.set()
        self._thread.join(60)

    def _deliver(self):
        chance = random.Random(11)
        began = time.monotonic()
        for number, _ in enumerate(lives.steps(self.world, chance, at_once=AT_ONCE, name=NAME), start=1):
            if self._over.is_set():
                return
            made = courier.signed(time.time(), self.world.told[-1], Troubles(secrets=[SECRET]))
            self.client.once_signed(made.event["id"], made.body, made.signature)
            time.sleep(max(0.0, began + number / self._per_second - time.monotonic()))

    def ids(self):
        with self.world.lock:
            return {told.event["id"] for told in self.world.told}
