"""Ends a worker that takes nothing up although something waits for it, so that whoever runs it starts it again.

It needs no broker. The relay rings for what is due, and notes in PostgreSQL for how long it has reached the broker
without a gap: where an event is due for long meanwhile, a worker of its lane that did nothing all the time does not
hear the bell. That its process answers, or touches a file, proves nothing.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import structlog
from billiard.process import active_children  # type: ignore[import-untyped]
from prometheus_client import Counter

from shared import db
from shared.config import Settings
from shared.counts import begin
from shared.errors import CarelaneError
from shared.queries import load
from workers.taking import Taking

log = structlog.get_logger(__name__)

WEDGED = Counter("carelane_workers_wedged_total", "Workers that ended themselves since they took nothing up.", ["why"])
ENDLESS, BEGINS_NOTHING, TAKES_NOTHING = "its task does not end", "its child begins nothing", "it takes nothing up"
begin(WEDGED, (ENDLESS,), (BEGINS_NOTHING,), (TAKES_NOTHING,))

EXIT_CODE = 70
_LOOK_SECONDS = 2.0
_TIMEOUT_MS = 2000
# Celery kills a child at the hard limit; one that still runs a task after this much more was not killed.
_AFTER_HARD_LIMIT_SECONDS = 10.0
_MOST_PATIENCE_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A worker at one moment, in seconds; `handed` is how long ago its child was given a task that it did not begin."""

    is_busy: bool
    since: float
    handed: float | None
    waits_in_vain: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """`patience` is for each lane how long an event may be due, and this worker idle, before that is no chance."""

    busy_seconds: float
    begin_seconds: float
    patience: Mapping[str, float]


def limits_of(settings: Settings, lanes: Collection[str]) -> Limits:
    unclaimed = {"crisis": settings.crisis_unclaimed_seconds, "standard": settings.standard_unclaimed_seconds}
    patience = {
        lane: unclaimed[lane] + min(_MOST_PATIENCE_SECONDS, 2.0 * unclaimed[lane])
        for lane in lanes
        if lane in unclaimed
    }
    return Limits(
        busy_seconds=max(settings.hard_limit_seconds, settings.crisis_hard_limit_seconds) + _AFTER_HARD_LIMIT_SECONDS,
        begin_seconds=min(patience.values(), default=_MOST_PATIENCE_SECONDS),
        patience=patience,
    )


def trouble(seen: Seen, limits: Limits) -> str | None:
    """Why this worker cannot go on, None when it can."""
    if seen.is_busy:
        # How long a task may take is the time limits' matter, until they should have ended it and did not.
        return ENDLESS if seen.since > limits.busy_seconds else None
    if seen.handed is not None and seen.handed > limits.begin_seconds:
        return BEGINS_NOTHING
    return TAKES_NOTHING if seen.waits_in_vain else None


def waits_in_vain(conn: db.Connection, limits: Limits, *, idle_seconds: float) -> bool:
    """Whether something that was rung for has waited in a lane longer than this idle worker should have let it."""
    lanes = [lane for lane, patience in limits.patience.items() if idle_seconds > patience]
    parameters = {
        "lanes": lanes,
        "patience": [limits.patience[lane] for lane in lanes],
    }
    row = conn.execute(load("watchdog")["waits_in_vain"], parameters).fetchone()
    return row is not None and bool(row["waits"])


class Watchdog:
    """Looks from a thread of the worker's parent process; `handed` and `begins` are told by Celery's signals there."""

    def __init__(self, settings: Settings, limits: Limits, taking: Taking) -> None:
        self._database_url = str(settings.database_url)
        self._limits = limits
        self._taking = taking
        self._handed_at = 0.0
        self._stop = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()

    def handed(self) -> None:
        self._handed_at = time.monotonic()

    def taken_back(self) -> None:
        self._handed_at = 0.0

    def _watch(self) -> None:
        before = None
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                why = trouble(self._look(), self._limits)
            except Exception:
                # A watchdog that fell over would leave its worker unwatched, and nobody would know.
                log.exception("the watchdog could not look", action="watchdog.failed")
                why = None
            # Seen twice: a machine that has just woken up gets a moment to take up what waited meanwhile.
            if why and why == before and not self._stop.is_set():
                end(why)
            before = why

    def _look(self) -> Seen:
        is_busy, moment = self._taking.since()
        now = time.monotonic()
        since = now - moment
        asks = not is_busy and any(since > patience for patience in self._limits.patience.values())
        return Seen(
            is_busy=is_busy,
            since=since,
            handed=now - self._handed_at if self._handed_at > moment else None,
            waits_in_vain=asks and self._ask(since),
        )

    def _ask(self, idle_seconds: float) -> bool:
        """Only an idle worker asks. While the database is away nothing can be taken up, and nobody is to blame."""
        try:
            with db.connect(self._database_url, name="watchdog", statement_timeout_ms=_TIMEOUT_MS) as conn:
                return waits_in_vain(conn, self._limits, idle_seconds=idle_seconds)
        except CarelaneError:
            return False


def end(why: str) -> None:
    """At once: a worker in this state would wait for its child for ever."""
    log.error("this worker takes nothing up and ends", action="worker.wedged", status=why)
    WEDGED.labels(why).inc()
    for child in active_children():
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)
    os._exit(EXIT_CODE)
