"""Tells what is owed to the outside, in a process of its own: gives positions, wakes the readers, sends callbacks.

It is apart from the relay, which must never wait for anything outside. Two may run; either does without the broker.

python -m workers.deliver
"""

import os
import signal
import sys
import threading
from types import FrameType

import structlog

from shared import broker, metrics_port, processes, pulse, telemetry, waking
from shared.config import Settings, SettingsError, load
from shared.db import Pool
from shared.errors import TransientError
from shared.waking import Waker
from workers import placing, readiness
from workers.callbacks import Senders, Sending
from workers.placing import Placing, Woken

log = structlog.get_logger(__name__)

_BROKER_TIMEOUT_SECONDS = 0.5
_SENDERS_CONNECTIONS = 4
# A pass over a database that hangs ends long before it would count as frozen itself.
_STATEMENT_TIMEOUT_MS = 3000


def run(settings: Settings, stop: threading.Event, woken: Woken) -> None:
    """Until told to stop; trouble is told once when it begins and once when it ends."""
    settings.require("database_url", "callback_key")
    pool = Pool(str(settings.database_url), name="deliver", size=1, statement_timeout_ms=_STATEMENT_TIMEOUT_MS)
    url = settings.redis_url
    client = None if url is None else broker.connect(url, timeout_seconds=_BROKER_TIMEOUT_SECONDS)
    positions = Placing(pool, client)
    waker = Waker(url, waking.OWED, woken.wake, every=placing.EVERY_SECONDS)
    readiness.announce(settings.home)
    metrics_port.serve(settings)
    senders = Senders(_sending(settings))
    trouble, has_more = None, False
    while not stop.is_set():
        before = trouble
        trouble, has_more = _pass(pool, positions, senders)
        if trouble != before:
            level = log.warning if trouble else log.info
            level("what surrounds delivery changed", action="deliver.surroundings", status=trouble or "well")
        pulse.beat(settings.home, os.environ.get("CARELANE_PROCESS", "deliver"))
        woken.wait(0 if has_more else placing.EVERY_SECONDS)
    senders.close()
    waker.close()
    pool.close()
    if client is not None:
        client.close()


def _pass(pool: Pool, positions: Placing, senders: Senders) -> tuple[str | None, bool]:
    """What was in the way, or None; whether there is more to be done at once."""
    try:
        positions.place_all()
        return None, senders.look(pool)
    except TransientError as error:
        return error.code, False


def _sending(settings: Settings) -> Sending:
    """With connections of its own: whoever gives positions waits for no sender."""
    pool = Pool(str(settings.database_url), name="callbacks", size=_SENDERS_CONNECTIONS)
    return Sending(
        pool=pool,
        key=settings.callback_key or b"",
        networks=settings.callback_networks,
        seconds=settings.callback_seconds,
        worker=processes.owner(os.environ.get("CARELANE_PROCESS", "deliver")),
    )


def main() -> int:
    try:
        settings = load()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    telemetry.configure("deliver", settings)
    stop, woken = threading.Event(), Woken()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    run(settings, stop, woken)
    return 0


if __name__ == "__main__":
    sys.exit(main())
