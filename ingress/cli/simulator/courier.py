"""Deliveries as Stripe makes them, and as they go wrong: lost, twice, out of order, late because nobody answered."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ingress.cli import signing
from ingress.cli.simulator.shapes import Thing
from ingress.cli.simulator.world import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """Shares of all events, and seconds; `down` is when nobody answers, `tries_after` when each is tried again.

    A lost one was taken by something between Stripe and us: Stripe believes that it arrived.
    """

    lost: float = 0.0
    duplicated: float = 0.0
    shuffled_seconds: float = 0.0
    down: tuple[float, float] | None = None
    tries_after: Sequence[float] = (60, 300, 1800, 7200)
    secrets: Sequence[str] = ("whsec_the_stand_in_signs_with_this",)
    clock_offset_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: when it is made, what it holds, and its `Stripe-Signature` header."""

    at: float
    event: Thing
    body: bytes
    signature: str


def deliveries(told: Sequence[Told], troubles: Troubles, random: Random) -> Iterator[Delivery]:
    """Those that are answered, in the order of their arrival; what never is, Stripe knows as undelivered."""
    waiting = [
        (one.event["created"] + random.random() * troubles.shuffled_seconds, number, 0, one)
        for number, one in enumerate(told)
        for _ in range(0 if random.random() < troubles.lost else 2 if random.random() < troubles.duplicated else 1)
    ]
    heapq.heapify(waiting)
    while waiting:
        at, number, tries, one = heapq.heappop(waiting)
        if not _is_down(at, troubles):
            one.delivered = True
            yield signed(at, one, troubles)
        elif tries < len(troubles.tries_after):
            heapq.heappush(waiting, (at + troubles.tries_after[tries], number, tries + 1, one))
        else:
            one.delivered = False


def _is_down(at: float, troubles: Troubles) -> bool:
    return troubles.down is not None and troubles.down[0] <= at < troubles.down[1]


def signed(at: float, one: Told, troubles: Troubles) -> Delivery:
    """While a secret is rolled, both sign; each try is signed anew, by Stripe's clock."""
    event = {**one.event, "account": one.account} if one.account else one.event
    body, signed_at = signing.body_of(event), int(at + troubles.clock_offset_seconds)
    headers = [signing.signature(body, secret=secret, signed_at=signed_at) for secret in troubles.secrets]
    return Delivery(at, event, body, ",".join([headers[0], *(header.partition(",")[2] for header in headers[1:])]))
