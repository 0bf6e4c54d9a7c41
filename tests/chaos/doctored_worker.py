"""The Celery application as it is, with traps in its way and events that misbehave by the name they bear.

celery -A tests.chaos.doctored_worker worker …
"""

import os
import re
import resource
import signal
import time

from celery.exceptions import SoftTimeLimitExceeded

from schemas import catalog
from shared.errors import TransientError
from tests.chaos import traps
from workers import ending, ledger
from workers.app import app

__all__ = ["app"]

_MANNER = re.compile(r"evt_(kills|hangs|eats|fails|bug|slow)(\d*)_")
_MEMORY_BYTES = 1024 * 1024 * 1024


def kill(_count, _number):
    os.kill(os.getpid(), signal.SIGKILL)


def hang(_count, _number):
    """Deaf to the soft limit: only the hard one ends it."""
    while True:
        try:
            time.sleep(60)
        except SoftTimeLimitExceeded:
            continue


def eat(_count, _number):
    """Ask for more memory than this process may have."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, before[1]))
    try:
        bytearray(_MEMORY_BYTES)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def fail(count, number):
    """As when a neighbour is away: so many times, then no more."""
    if count <= number:
        raise TransientError("away, as the test wants it", code="away")


def break_down(_count, _number):
    raise RuntimeError("a fault of ours, as the test wants it")


def dawdle(_count, number):
    time.sleep(number / 1000)


MANNERS = {"kills": kill, "hangs": hang, "eats": eat, "fails": fail, "bug": break_down, "slow": dawdle}


def doctored(name, function, *, before=None, after=None):
    def with_traps(*arguments, **named):
        if before:
            before(*arguments)
        found = function(*arguments, **named)
        if after:
            after(*arguments)
        return found

    with_traps.__name__ = name
    return with_traps


def misbehave(event):
    manner = _MANNER.match(event.id)
    if manner:
        MANNERS[manner[1]](traps.count(event.id), int(manner[2] or 0))
    traps.pass_by("worker.at-work")


ledger.claim = doctored("claim", ledger.claim, before=lambda *_: traps.pass_by("worker.before-claim"))
catalog.validate = doctored("validate", catalog.validate, before=misbehave)
ending.end = doctored("end", ending.end, after=lambda *_: traps.pass_by("worker.before-commit"))
ending.tell = doctored("tell", ending.tell, before=lambda *_: traps.pass_by("worker.after-commit"))
