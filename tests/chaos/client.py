"""Stripe's side of a delivery under fault: it remembers what it was promised, and delivers again what it was not."""

import http.client
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from tests.acceptance.posting import sign
from tests.running import SECRET

ANSWER_SECONDS = 20
PAUSE_SECONDS = 0.1


@dataclass
class Client:
    """`answers` counts each delivery's status, or `none` where the connection broke; `acked` got a 200.

    Unless it `keeps_alive`, each delivery has a connection of its own.
    """

    url: str
    attempted: set = field(default_factory=set)
    acked: set = field(default_factory=set)
    answers: Counter = field(default_factory=Counter)
    keeps_alive: bool = True

    def send(self, events, *, threads=8, secret=SECRET, keep_trying_seconds=60.0, per_second=None):
        """Deliver each of them until it is answered 200, or nobody would wait for that any longer."""
        began = time.monotonic()
        left = SimpleQueue()
        for number, event in enumerate(events):
            left.put((began + (number / per_second if per_second else 0), event))
        deadline = began + keep_trying_seconds
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(self._work, left, secret, deadline) for _ in range(threads)]:
                done.result()
        return self

    def once(self, event, *, secret=SECRET, timeout_seconds=ANSWER_SECONDS):
        """One delivery; its status, or `none`."""
        address = urlsplit(self.url)
        with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=timeout_seconds)) as connection:
            return self._deliver(connection, event, secret)

    def once_signed(self, event_id, body, signature, *, timeout_seconds=ANSWER_SECONDS):
        """One delivery of a body that its sender has signed."""
        address = urlsplit(self.url)
        with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=timeout_seconds)) as connection:
            return self._post(connection, event_id, body, signature)

    def _work(self, left, secret, deadline):
        address = urlsplit(self.url)
        with closing(http.client.HTTPConnection(address.hostname, address.port, timeout=ANSWER_SECONDS)) as connection:
            while True:
                try:
                    due, event = left.get_nowait()
                except Empty:
                    return
                time.sleep(max(0.0, due - time.monotonic()))
                while self._deliver(connection, event, secret) != 200 and time.monotonic() < deadline:
                    time.sleep(PAUSE_SECONDS)
                if not self.keeps_alive:
                    connection.close()

    def _deliver(self, connection, event, secret):
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self._post(
            connection, None if isinstance(event, bytes) else event["id"], body, sign(body, secret=secret)
        )

    def _post(self, connection, identity, body, signature):
        self.attempted.add(identity)
        try:
            connection.request("POST", urlsplit(self.url).path, body, {"Stripe-Signature": signature})
            answer = connection.getresponse()
            answered = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()  # the next delivery opens it anew
            self.answers["none"] += 1
            return "none"
        self.answers[answer.status] += 1
        if answer.status == 200:
            self.acked.add(answered["eventId"])
        return answer.status
