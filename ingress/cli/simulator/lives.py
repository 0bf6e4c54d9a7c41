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
    random = Random(seed)  # noqa: S311 - chance with a seed, no secret
    for _ in steps(world, random, at_once=max(1, events // 7)):
        if len(world.told) >= events:
            return
        clock.now += random.random() * 2 * step_seconds


def steps(world: World, random: Random, *, at_once: int, name: str = "") -> Iterator[None]:
    """Without end: each is one step of one of the lives that go on at once. `name` tells these from others' lives."""
    lives = [_life(world, f"{name}{number}", number, random) for number in range(at_once)]
    fresh = itertools.count(at_once)
    while True:
        place = random.randrange(at_once)
        if next(lives[place], None) is None:
            number = next(fresh)
            lives[place] = _life(world, f"{name}{number}", number, random)
        else:
            yield


_ONE_IN_SO_MANY_IS_PAID = 10
_REFUSED_AT_FIRST, _LEAVE = 0.5, 0.3


def _life(world: World, name: str, number: int, random: Random) -> Iterator[bool]:
    if number % _ONE_IN_SO_MANY_IS_PAID == 0:
        yield from _creator(world, name, random)
    else:
        yield from _subscriber(world, name, random)


def _subscriber(world: World, name: str, random: Random) -> Iterator[bool]:
    sub, cus, born = f"sub_{name}", f"cus_{name}", int(world.clock())
    first = random.choice(("trialing", "incomplete", "active"))
    world.tell("customer.subscription.created", shapes.subscription(sub, created=born, customer=cus, status=first))
    yield True
    yield from _pays(world, name, random)
    for number in range(random.randint(1, 3)):
        method = f"pm_{name}_{number}"
        world.change(_UPDATED, "subscription", sub, status="active", default_payment_method=method)
        yield True
    if random.random() < _LEAVE:
        at = int(world.clock())
        kind = "customer.subscription.deleted"
        world.change(kind, "subscription", sub, status="canceled", canceled_at=at, ended_at=at)
        yield True


_UPDATED = "customer.subscription.updated"


def _pays(world: World, name: str, random: Random) -> Iterator[bool]:
    sub, cus, at = f"sub_{name}", f"cus_{name}", int(world.clock())
    invoice = shapes.invoice(f"in_{name}", created=at, customer=cus, subscription=sub, status="open")
    if random.random() < _REFUSED_AT_FIRST:
        world.tell("invoice.payment_failed", invoice)
        yield True
        world.change(_UPDATED, "subscription", sub, status="past_due")
        yield True
    world.tell("invoice.paid", {**invoice, "status": "paid", "amount_paid": 1900, "amount_remaining": 0})
    yield True


def _creator(world: World, name: str, random: Random) -> Iterator[bool]:
    acct, po = f"acct_{name}", f"po_{name}"
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
