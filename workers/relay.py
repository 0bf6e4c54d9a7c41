"""The relay: a process of its own that sweeps twice a second, whatever the broker does. Two may run.

python -m workers.relay
"""

import os
import signal
import sys
import threading
import time
from types import FrameType

import redis
import structlog

from shared import doorbells, heartbeats, metrics_port, pulse, telemetry
from shared.config import Settings, SettingsError, load
from shared.db import Pool
from shared.errors import TransientError
from workers import readiness, sealer, sweep
from workers.sealer import Sealer

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.5
_BROKER_TIMEOUT_SECONDS = 5.0


def run(settings: Settings, stop: threading.Event) -> None:
    """Sweep until told to stop; trouble is told once when it begins and once when it ends."""
    settings.require("database_url")
    doorbell = doorbells.required(settings, timeout_seconds=_BROKER_TIMEOUT_SECONDS)
    pool = Pool(str(settings.database_url), name="relay", size=1)
    sweeper, seals = sweep.build(settings, pool, doorbell), sealer.build(settings, pool)
    readiness.announce(settings.home)
    metrics_port.serve(settings)
    trouble, next_heartbeat = None, 0.0
    while not stop.is_set():
        before, now = trouble, time.monotonic()
        trouble = _sweep_once(sweeper, beats=now >= next_heartbeat) or _seal(seals)
        if now >= next_heartbeat:
            next_heartbeat = now + heartbeats.RELAY_EVERY_SECONDS
        if trouble != before:
            level = log.warning if trouble else log.info
            level("the relay's surroundings changed", action="relay.surroundings", status=trouble or "well")
        pulse.beat(settings.home, os.environ.get("CARELANE_PROCESS", "relay"))
        stop.wait(PAUSE_SECONDS)
    pool.close()
    doorbell.close()


def _sweep_once(sweeper: sweep.Sweep, *, beats: bool) -> str | None:
    """What was in the way, or None. What does not need the broker goes first."""
    try:
        if beats:
            with sweeper.pool.transaction() as conn:
                heartbeats.beat(conn, heartbeats.RELAY)
        sweeper.rescue()
        sweeper.put_danger_first()
        sweeper.nudge()
        if beats:
            with sweeper.pool.transaction() as conn:
                heartbeats.beat(conn, heartbeats.DOORBELL)
    except TransientError as error:
        return error.code
    except redis.RedisError:
        return "broker_away"
    return None


def _seal(seals: Sealer) -> str | None:
    """After the sweep: the audit trail can wait for events, and whatever is wrong with it must not stop them."""
    try:
        seals.step()
    except TransientError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - told once, like all trouble here, and tried again with the next sweep
        return f"audit_not_linked_{type(error).__name__}"
    return None


def main() -> int:
    try:
        settings = load()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    telemetry.configure("relay", settings)
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    run(settings, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
