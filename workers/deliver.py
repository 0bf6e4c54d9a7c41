"""Tells what is owed to the outside, in a process of its own: gives positions, wakes the readers, sends callbacks.

It is apart from the relay, which must never wait for anything outside. Two may run; either does without the broker.

python -m workers.deliver
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from shared import broker, metrics_port, processes, pulse, telemetry, waking
from shared.config import Settings, SettingsError, load
from shared.db import Pool
from shared.errors import TransientError
from shared.outbox import MOST_AT_ONCE
from shared.waking import Waker
from workers import placing, readiness
from workers.callbacks import Senders, Sending
from workers.handing import Handing
from workers.placing import Placing, Woken

log = structlog.get_logger(__name__)

_BROKER_TIMEOUT_SECONDS = 0.5
_SENDERS_CONNECTIONS = 4
# A pass over a database that hangs ends long before it would count as frozen itself.
_STATEMENT_TIMEOUT_MS = 3000


def run(settings: Settings, stop: threading.Event, woken: Woken) -> None:
    """Until told to stop; trouble is told once when it begins and once when it ends."""
    settings.require("database_url", "callback_key")
    pool = _pool(settings, "deliver")
    url = settings.redis_url
    client = None if url is None else broker.connect(url, timeout_seconds=_BROKER_TIMEOUT_SECONDS)
    handing = Handing(_pool(settings, "handing"), Senders(_sending(settings)))
    positions = Placing(pool, client, handing.told)
    waker = Waker(url, waking.OWED, woken.wake, every=placing.EVERY_SECONDS)
    readiness.announce(settings.home)
    metrics_port.serve(settings)
    _place_on(positions, woken, stop.is_set, lambda: _beat(settings, handing))
    # What is being sent may take its time; streams and devices are told meanwhile.
    closing = threading.Thread(target=handing.close, daemon=True)
    closing.start()
    _place_on(positions, woken, lambda: not closing.is_alive(), lambda: None)
    waker.close()
    pool.close()
    if client is not None:
        client.close()


def _place_on(positions: Placing, woken: Woken, is_over: Callable[[], bool], show_life: Callable[[], object]) -> None:
    trouble, has_more = None, False
    while not is_over():
        before = trouble
        trouble, has_more = _pass(positions)
        if trouble != before:
            level = log.warning if trouble else log.info
            level("what surrounds delivery changed", action="deliver.surroundings", status=trouble or "well")
        show_life()
        woken.wait(0 if has_more else placing.EVERY_SECONDS)


def _beat(settings: Settings, handing: Handing) -> None:
    """One whose callbacks stand still must look frozen, for then it is started anew."""
    if handing.is_well:
        pulse.beat(settings.home, os.environ.get("CARELANE_PROCESS", "deliver"))


def _pass(positions: Placing) -> tuple[str | None, bool]:
    """What was in the way, or None; whether there may be more to be done at once."""
    try:
        return None, positions.place_all() >= MOST_AT_ONCE
    except TransientError as error:
        return error.code, False


def _pool(settings: Settings, name: str) -> Pool:
    return Pool(str(settings.database_url), name=name, size=1, statement_timeout_ms=_STATEMENT_TIMEOUT_MS)


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
