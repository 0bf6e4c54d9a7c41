"""Lives of subscriptions, payouts and accounts at the stand-in, as many events as are wanted, interleaved in time."""

import itertools
from collections.abc import Iterator
from random import Random

from ingress.cli.simulator import shapes
from ingress.cli.simulator.world import World

START = 1_790_000_000


class Clock:
    """Stripe's time; a test moves it."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def live(world: World, clock: Clock, *, events: int, seed: int, step_seconds: float = 1.0) -> None:
    """Until there are so many events; each step of a life is some time after the one before, among those of others."""
    random = Random(seed)
    lives = [_life(world, number, random) for number in range(max(1, events // 7))]
    fresh = itertools.count(len(lives))
    while len(world.told) < events:
        clock.now += random.random() * 2 * step_seconds
        place = random.randrange(len(lives))
        if next(lives[place], None) is None:
            lives[place] = _life(world, next(fresh), random)


def _life(world: World, number: int, random: Random) -> Iterator[bool]:
    if number % 10 == 0:
        yield from _creator(world, number, random)
    else:
        yield from _subscriber(world, number, random)


def _subscriber(world: World, number: int, random: Random) -> Iterator[bool]:
    def now() -> int:
        return int(world.clock())

    sub, cus = f"sub_{number}", f"cus_{number}"
    first = random.choice(("trialing", "incomplete", "active"))
    made = shapes.subscription(sub, created=now(), customer=cus, status=first)
    world.tell("customer.subscription.created", made)
    yield True
    invoice = shapes.invoice(f"in_{number}", created=now(), customer=cus, subscription=sub, status="open")
    if random.random() < 0.5:
        world.tell("invoice.payment_failed", invoice)
        yield True
        world.change("customer.subscription.updated", "subscription", sub, status="past_due")
        yield True
    world.tell("invoice.paid", {**invoice, "status": "paid", "amount_paid": 1900, "amount_remaining": 0})
    yield True
    for quantity in range(random.randint(1, 3)):
        pm = f"pm_{number}_{quantity}"
        world.change("customer.subscription.updated", "subscription", sub, status="active", default_payment_method=pm)
        yield True
    if random.random() < 0.3:
        at = now()
        world.change(
            "customer.subscription.deleted", "subscription", sub, status="canceled", canceled_at=at, ended_at=at
        )
        yield True


def _creator(world: World, number: int, random: Random) -> Iterator[bool]:
    acct, po = f"acct_{number}", f"po_{number}"
    at = int(world.clock())
    world.tell("account.updated", shapes.account(acct, created=at, enabled=False), account=acct)
    yield True
    world.tell("account.updated", shapes.account(acct, created=at, enabled=True), account=acct)
    yield True
    payout = shapes.payout(po, created=int(world.clock()), amount=4500, status="pending")
    world.tell("payout.created", payout, account=acct)
    yield True
    world.change("payout.updated", "payout", po, account=acct, status="in_transit")
    yield True
    end = random.choice(("paid", "failed"))
    failure = "account_closed" if end == "failed" else None
    world.change(f"payout.{end}", "payout", po, account=acct, status=end, failure_code=failure)
    yield True
