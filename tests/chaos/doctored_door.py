"""The webhook door as it is, with a trap on either side of the commit that keeps an event.

granian … --factory tests.chaos.doctored_door:create
"""

import threading
from contextlib import contextmanager, suppress

from ingress.webhook import door
from shared.db import Pool
from shared.errors import TransientError
from shared.inbox import Inbox
from tests.chaos import traps

_thread = threading.local()  # the pool serves other questions as well: only a keeping thread meets the traps


def create():
    Pool.transaction = trapped(Pool.transaction)
    Inbox.keep = marked(Inbox.keep)
    return door.create()


def trapped(transaction):
    @contextmanager
    def with_traps(pool):
        keeping = getattr(_thread, "keeping", False)
        with transaction(pool) as conn:
            yield conn
            if keeping:
                traps.pass_by("door.before-commit")
        if keeping:
            traps.pass_by("door.after-commit")

    return with_traps


def marked(keep):
    def while_keeping(inbox, arrival, *, nudged):
        # The key is stored in a transaction of its own before the first event is.
        with suppress(TransientError):
            inbox._current_data_key()
        _thread.keeping = True
        try:
            return keep(inbox, arrival, nudged=nudged)
        finally:
            _thread.keeping = False

    return while_keeping
