"""The webhook door as it is, with a trap on either side of the commit that keeps an event.

granian … --factory tests.chaos.doctored_door:create
"""

from contextlib import contextmanager

from ingress.webhook import door
from shared.broker import Doorbell
from shared.db import Pool
from tests.chaos import traps


def create():
    Pool.statement = trapped(Pool.statement)
    Doorbell.ring = silenced(Doorbell.ring)
    return door.create()


def trapped(statement):
    """The door keeps events by single statements, and does nothing else with those."""

    @contextmanager
    def with_traps(pool):
        traps.pass_by("door.before-commit")
        with statement(pool) as conn:
            yield conn
        traps.pass_by("door.after-commit")

    return with_traps


def silenced(ring):
    def with_trap(bell, nudges):
        traps.pass_by("door.before-ring")
        return ring(bell, nudges)

    return with_trap
