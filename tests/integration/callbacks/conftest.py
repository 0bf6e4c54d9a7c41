"""An endpoint that is called by a sender over a real database, and what it is called about."""

import ipaddress
import itertools

import pytest

from shared import callbacks, notices, outbox
from shared.callbacks import Wanted
from tests.fakes.receiver import Receiver
from workers import callback_ledger
from workers.callbacks import Sending

KEY = b"c" * 32
LOOPBACK = ipaddress.ip_network("127.0.0.0/8")


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def sending(pool):
    def make(**changes):
        parts = {
            "pool": pool,
            "key": KEY,
            "networks": [LOOPBACK],
            "seconds": 5.0,
            "worker": "deliver@test:1",
            "random": lambda: 0.0,
        }
        return Sending(**parts | changes)

    return make


@pytest.fixture
def endpoint(pool):
    def make(url, *, name="backend", kinds=None):
        with pool.transaction() as own:
            return callbacks.add(own, Wanted(name, url, kinds), actor="test", key=KEY)

    return make


@pytest.fixture
def tell(pool):
    """Owe a notice, tell it, and hand it to the endpoints."""
    numbers = itertools.count(1)

    def tell(kind="access:updated", recipient="person:p", cause=None, **data):
        with pool.transaction() as own:
            cause = cause or f"cause {next(numbers)}"
            notices.owe(own, cause=cause, kind=kind, recipient=recipient, data=data)
            outbox.assign_positions(own)
        with pool.transaction() as own:
            callback_ledger.hand(own)

    return tell


@pytest.fixture
def deliveries(conn):
    def found(columns="outcome, reason, attempts"):
        rows = conn.execute(f"SELECT {columns} FROM callback_deliveries ORDER BY position")  # noqa: S608 - our own
        return [tuple(row.values()) for row in rows]

    return found
