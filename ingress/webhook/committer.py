"""Commits arrivals in groups: whatever has gathered while the last group was being kept goes into the next.

Nobody waits for a group to fill, so an arrival at an idle door is kept at once and alone; and the more come at a time,
the less each of them costs PostgreSQL. docs/decisions/0014-one-commit-for-several-requests.md
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from shared.arrivals import Arrival, Kept
from shared.crypto import Identity
from shared.errors import CannotKeep
from shared.inbox import Outcome


class Inbox(Protocol):
    def keep_many(self, arrivals: Sequence[Arrival], *, nudged: Sequence[bool]) -> list[Outcome]: ...


class Bell(Protocol):
    def expects_to_ring(self, urgency: int) -> bool: ...
    def ring_for(self, kept: Sequence[tuple[Kept, bool]]) -> None: ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An arrival, and how its sender is told: that raises nothing and takes no time."""

    arrival: Arrival
    tell: Callable[[Outcome], None]


class Keeper(Protocol):
    """Has events kept and rung for, and only then tells their senders."""

    def submit(self, arrived: Sequence[Waiting]) -> None: ...


class Committer:
    """One for each process. `most_waiting` bounds what gathers; beyond it events are refused at once."""

    def __init__(
        self, inbox: Inbox, bell: Bell, *, threads: int = 1, most_waiting: int = 2000, most_at_once: int = 64
    ) -> None:
        self._inbox = inbox
        self._bell = bell
        self._most_waiting = most_waiting
        self._most_at_once = most_at_once
        self._turn = threading.Condition(threading.Lock())
        # What is known to be urgent goes into the next group, however many others wait.
        self._urgent: deque[Waiting] = deque()
        self._others: deque[Waiting] = deque()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"committer-{n}", daemon=True) for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, arrived: Sequence[Waiting]) -> None:
        """Have them kept. Those for whom there is no room are told so at once."""
        with self._turn:
            room = 0 if self._closed else self._most_waiting - len(self._urgent) - len(self._others)
            for waiting in arrived[:room]:
                self._queue_of(waiting).append(waiting)
            self._turn.notify()
        for refused in arrived[room:]:
            refused.tell(CannotKeep("too many events wait to be kept", code="door_full"))

    def close(self) -> None:
        """Keep what waits, then end."""
        with self._turn:
            self._closed = True
            self._turn.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while group := self._take():
            outcomes = self._keep([waiting.arrival for waiting in group])
            for waiting, outcome in zip(group, outcomes, strict=True):
                waiting.tell(outcome)

    def _take(self) -> list[Waiting]:
        """The next group, no identity in it twice: a twin waits for the next one and is found to be a duplicate."""
        with self._turn:
            while not self._urgent and not self._others and not self._closed:
                self._turn.wait()
            group: dict[Identity, Waiting] = {}
            twins: list[Waiting] = []
            while (queue := self._urgent or self._others) and len(group) < self._most_at_once:
                waiting = queue.popleft()
                if group.setdefault(waiting.arrival.identity, waiting) is not waiting:
                    twins.append(waiting)
            for twin in reversed(twins):
                self._queue_of(twin).appendleft(twin)
            return list(group.values())

    def _queue_of(self, waiting: Waiting) -> deque[Waiting]:
        return self._urgent if waiting.arrival.placement.lane == "crisis" else self._others

    def _keep(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        """Keep them and have the bell rung, before anybody is told: what is urgent waits for no answer."""
        expected = [self._bell.expects_to_ring(arrival.placement.urgency) for arrival in arrivals]
        try:
            outcomes = self._inbox.keep_many(arrivals, nudged=expected)
        except Exception:  # noqa: BLE001 - whatever happened, those who wait are owed an answer
            if len(arrivals) > 1:
                return [outcome for arrival in arrivals for outcome in self._keep([arrival])]
            structlog.get_logger(__name__).exception("an event could not be kept", action="webhook.failed")
            return [CannotKeep("a fault of ours", code="fault")]
        pairs = zip(outcomes, expected, strict=True)
        self._bell.ring_for([(kept, rings) for kept, rings in pairs if isinstance(kept, Kept)])
        return outcomes
