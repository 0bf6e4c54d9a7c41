"""Tells observers of other packages what became of events: after the commit, on threads of their own."""

import queue
import threading
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import Any

import structlog

from shared.extensions import ERROR, HOOKS, OBSERVERS, PROCESSED, RECEIVED, Observation
from workers import extensions, metrics
from workers.extensions import Extension, Refusal, misshapen
from workers.ledger import Claim, Reason

log = structlog.get_logger(__name__)

_MOST_WAITING = 1000
_STOP_SECONDS = 1.0


class Watcher:
    """One observer with its queue and its thread; of what comes while the queue is full, only the number is kept."""

    def __init__(self, observer: Extension, *, most_waiting: int) -> None:
        self._name = observer.name
        self._observer = observer.object
        self._most_waiting = most_waiting
        # It has no lock that an interrupted `put` could leave closed.
        self._waiting: queue.SimpleQueue[tuple[str, Observation] | None] = queue.SimpleQueue()
        self._has_raised = False
        self._thread = threading.Thread(target=self._watch, name=f"observer-{observer.name}", daemon=True)
        self._thread.start()

    def tell(self, hook: str, seen: Observation) -> None:
        if self._waiting.qsize() < self._most_waiting:
            self._waiting.put((hook, seen))
        else:
            metrics.OBSERVATIONS_LOST.labels("dropped").inc()

    def end(self) -> None:
        self._waiting.put(None)

    def wait(self, seconds: float) -> None:
        """Until it has seen all that it was told before its end, and not longer than this."""
        self._thread.join(max(0.0, seconds))

    def _watch(self) -> None:
        while (told := self._waiting.get()) is not None:
            self._call(*told)

    def _call(self, hook: str, seen: Observation) -> None:
        try:
            call = getattr(self._observer, hook, None)
            if call is not None:
                call(seen)
        except BaseException as error:  # the thread must outlive whatever an observer raises
            metrics.OBSERVATIONS_LOST.labels("raised").inc()
            if not self._has_raised:  # told once, counted always
                self._has_raised = True
                log.warning("an observer raised", action="observer.raised", name=self._name, exc_info=error)


class Observers:
    """All observers of this process; threads are started here, so make it after the fork."""

    def __init__(self, observers: Sequence[Extension] = (), *, most_waiting: int = _MOST_WAITING) -> None:
        self._watchers = [Watcher(observer, most_waiting=most_waiting) for observer in observers]

    def received(self, claim: Claim) -> None:
        """Once in each series: at its first claim."""
        if claim.attempt == 1:
            self._tell(RECEIVED, claim, "processing", None)

    def processed(self, claim: Claim, state: str, reason: Reason | None) -> None:
        self._tell(PROCESSED, claim, state, reason)

    def failed(self, claim: Claim, state: str, reason: Reason) -> None:
        self._tell(ERROR, claim, state, reason)

    def stop(self, *, limit_seconds: float = _STOP_SECONDS) -> None:
        """Give what waits a moment, the same one for all."""
        deadline = time.monotonic() + limit_seconds
        for watcher in self._watchers:
            watcher.end()
        for watcher in self._watchers:
            watcher.wait(deadline - time.monotonic())

    def _tell(self, hook: str, claim: Claim, state: str, reason: Reason | None) -> None:
        if self._watchers:
            seen = _observation(claim, state, reason)
            for watcher in self._watchers:
                watcher.tell(hook, seen)


def start(found: Iterable[EntryPoint] | None = None) -> Observers:
    return Observers(extensions.load(OBSERVERS, judge, found=found))


def judge(observer: Any) -> Refusal | None:
    if isinstance(observer, type):
        return misshapen("it is a class; name an object of it")
    hooks = [getattr(observer, hook) for hook in HOOKS if hasattr(observer, hook)]
    if not hooks or not all(extensions.takes(hook, 1) for hook in hooks):
        return misshapen(f"it has none of {', '.join(HOOKS)}, or one that takes no observation")
    return None


def _observation(claim: Claim, state: str, reason: Reason | None) -> Observation:
    return Observation(
        row_id=claim.held.row_id,
        event_id=claim.held.event_id,
        type=claim.held.type,
        account=claim.account,
        livemode=claim.livemode,
        lane=claim.lane,
        state=state,
        series=claim.held.series,
        attempt=claim.attempt,
        reason_class=reason.reason_class if reason else None,
        reason_code=reason.code if reason else None,
        received_at=claim.received_at,
        observed_at=datetime.now(UTC),
    )
