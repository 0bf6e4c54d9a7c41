"""Deliveries sent at moments of chance, so many a second on average, whether or not earlier ones are answered.

`python -m bench.paced URL --per-second 500 --seconds 30` sends standard events beside what is measured.
"""

import random
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

from bench import signed
from bench.exchange import connect, exchange

_SEED = 20


class Refused(RuntimeError):
    """An answer was not 200."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One delivery; `sent_at` is in Unix seconds, by the clock that PostgreSQL reads too."""

    event: str
    sent_at: float
    answered_seconds: float


def send(url: str, deliveries: Iterable[signed.Delivery], *, per_second: float, connections: int = 32) -> list[Posted]:
    """Each over the next free connection, at its moment. Raises Refused."""
    due = _Due(iter(deliveries), per_second)
    with ThreadPoolExecutor(connections) as pool:
        sent = [pool.submit(_send_on_one_connection, url, due) for _ in range(connections)]
        return [posted for one in sent for posted in one.result()]


class _Due:
    """Hands out the next delivery and its moment to whoever asks first."""

    def __init__(self, deliveries: Iterator[signed.Delivery], per_second: float) -> None:
        self._deliveries, self._per_second = deliveries, per_second
        self._chance, self._lock = random.Random(_SEED), threading.Lock()  # noqa: S311 - no secret
        self._at = time.monotonic()

    def next(self) -> tuple[float, signed.Delivery] | None:
        with self._lock:
            delivery = next(self._deliveries, None)
            self._at += self._chance.expovariate(self._per_second)
            return None if delivery is None else (self._at, delivery)


def _send_on_one_connection(url: str, due: _Due) -> list[Posted]:
    parts, posted = urlsplit(url), []
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    with connect(parts.hostname, parts.port) as connection:
        while (found := due.next()) is not None:
            at, delivery = found
            time.sleep(max(0.0, at - time.monotonic()))
            posted.append(_post(connection, head, delivery))
    return posted


def _post(connection: socket.socket, head: str, delivery: signed.Delivery) -> Posted:
    rest = f"Content-Length: {len(delivery.body)}\r\nStripe-Signature: {delivery.header}\r\n\r\n"
    sent_at = time.time()
    exchanged = exchange(connection, (head + rest).encode() + delivery.body)
    if not exchanged.is_ok:
        raise Refused(exchanged.answer[:200].decode(errors="replace"))
    return Posted(delivery.fields.event, sent_at, exchanged.seconds)


@click.command()
@click.argument("url")
@click.option("--per-second", type=float, required=True)
@click.option("--seconds", type=float, required=True)
def main(*, url: str, per_second: float, seconds: float) -> None:
    """Send, and say how many a second it came to."""
    count = int(per_second * seconds)
    began = time.monotonic()
    send(url, signed.deliveries(signed.Wish(count=count)), per_second=per_second)
    click.echo(f"{count / (time.monotonic() - began):.1f}")


if __name__ == "__main__":
    main()
