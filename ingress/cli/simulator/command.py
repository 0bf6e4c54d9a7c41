"""`carelane simulate`: stands in for Stripe on this machine: lives that it tells of, and of which it can be asked."""

import random
import secrets
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field

import click

from ingress.cli import environment, screen
from ingress.cli.cancelling import cancellable
from ingress.cli.front_door import FrontDoor, address
from ingress.cli.simulator import courier, lives, server
from ingress.cli.simulator.courier import Troubles
from ingress.cli.simulator.world import Told, World
from shared.config import Settings, SettingsError

_SHARE = click.FloatRange(0, 1)
_TRIES = 5
_FIRST_WAIT_SECONDS = 1.0
_LIVES_AT_ONCE = 20
_LOOK_SECONDS = 0.1


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), default=12_111, show_default=True, help="Of the API.")
@click.option("--url", help="The front door; by default this deployment's.")
@click.option("--events", type=click.IntRange(1, 100_000), default=200, show_default=True, help="So many are told.")
@click.option("--rate", type=click.FloatRange(0.1, 1000), default=10.0, show_default=True, help="So many a second.")
@click.option("--lose", type=_SHARE, default=0.0, help="The share of events that never arrive, unknown to Stripe.")
@click.option("--twice", type=_SHARE, default=0.0, help="The share that is delivered twice.")
@click.option("--leave", is_flag=True, help="End when all is told, instead of serving until Ctrl-C.")
def simulate(*, port: int, url: str | None, events: int, rate: float, leave: bool, **shares: float) -> None:
    """Stand in for Stripe: serve its API on loopback, live some lives, and deliver what they tell, signed.

    What the front door does not take is tried again a few times. Start Carelane with STRIPE_API_BASE as it is printed
    and any STRIPE_API_KEY (sk_test_x), and backfill and reconciliation find what was lost.
    """
    settings = environment.settings()
    world = World(clock=time.time)
    postman = _Postman(settings, shares["lose"], shares["twice"])
    with (
        server.running(world, port=port) as stand_in,
        closing(FrontDoor(url or address(settings))) as door,
        cancellable() as stopped,
    ):
        click.echo(f"STRIPE_API_BASE={stand_in.url}")
        for _ in lives.steps(world, postman.chance, at_once=_LIVES_AT_ONCE, name=f"{secrets.token_hex(3)}_"):
            postman.deliver(door, world.told[-1])
            postman.try_again(door)
            if stopped() or len(world.told) >= events:
                break
            time.sleep(1 / rate)
        while not stopped() and (postman.waiting or not leave):
            postman.try_again(door)
            time.sleep(_LOOK_SECONDS)
    rows = sorted(postman.counts.items())
    screen.show(screen.table(f"{len(world.told)} events told", ("WHAT BECAME OF THEM", "COUNT"), rows))


@dataclass
class _Postman:
    """Delivers in true time; `waiting` holds what was not taken, with when it is tried again and how often it was."""

    settings: Settings
    lose: float
    twice: float
    chance: random.Random = field(default_factory=random.SystemRandom)
    counts: Counter[str] = field(default_factory=Counter)
    waiting: list[tuple[float, int, Told]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.settings.webhook_secrets:
            raise SettingsError(["STRIPE_WEBHOOK_SECRETS is not set"])
        self._troubles = Troubles(secrets=[self.settings.webhook_secrets[0].value])

    def deliver(self, door: FrontDoor, told: Told, tries: int = 1) -> None:
        if tries == 1 and self.chance.random() < self.lose:
            self.counts["lost"] += 1
            return
        delivery = courier.signed(time.time(), told, self._troubles)
        told.delivered = door.post(delivery.body, delivery.signature).accepted
        if told.delivered:
            self.counts["delivered"] += 1
            if tries == 1 and self.chance.random() < self.twice:
                door.post(delivery.body, delivery.signature)
                self.counts["delivered twice"] += 1
        elif tries < _TRIES:
            self.waiting.append((time.monotonic() + _FIRST_WAIT_SECONDS * 2 ** (tries - 1), tries + 1, told))
        else:
            self.counts["given up"] += 1

    def try_again(self, door: FrontDoor) -> None:
        now = time.monotonic()
        due = [one for one in self.waiting if one[0] <= now]
        self.waiting = [one for one in self.waiting if one[0] > now]
        for _, tries, told in due:
            self.deliver(door, told, tries)
