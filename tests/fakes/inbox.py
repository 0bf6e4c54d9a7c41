"""An inbox and a doorbell in memory, with the behaviour of the real ones at their border."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.arrivals import Arrival, Kept
from shared.broker import Nudge
from shared.errors import CannotKeep
from shared.inbox import Outcome
from shared.rules.lanes import MESSAGE_PRIORITY, OPEN_CRISIS


@dataclass
class FakeInbox:
    away: bool = False
    in_danger: bool = False
    arrivals: list[Arrival] = field(default_factory=list)
    nudged: dict[int, bool] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keep_many(self, arrivals: Sequence[Arrival], *, nudged: Sequence[bool]) -> list[Outcome]:
        with self.lock:
            return [self._keep(arrival, nudged=rings) for arrival, rings in zip(arrivals, nudged, strict=True)]

    def _keep(self, arrival: Arrival, *, nudged: bool) -> Outcome:
        if self.away:
            return CannotKeep("the event could not be kept", code="database_away")
        row_id, first = self._first(arrival)
        if first is None:
            self.arrivals.append(arrival)
            self.nudged[row_id] = nudged
        placement = (first or arrival).placement
        same_body = first is None or first.body == arrival.body
        lane, urgency = ("crisis", OPEN_CRISIS) if self.in_danger else (placement.lane, placement.urgency)
        return Kept(row_id, first is not None, same_body, lane, urgency)

    def not_nudged(self, row_ids: Sequence[int]) -> None:
        self.nudged |= dict.fromkeys(row_ids, False)

    def ready(self) -> bool:
        return not self.away

    def _first(self, arrival: Arrival) -> tuple[int, Arrival | None]:
        for row_id, kept in enumerate(self.arrivals, start=1):
            if _identity(kept) == _identity(arrival):
                return row_id, kept
        return len(self.arrivals) + 1, None


@dataclass
class FakeDoorbell:
    quiet: bool = False
    full: bool = False
    broken: bool = False
    rung: list[Nudge] = field(default_factory=list)

    def expects_to_ring(self, urgency: int) -> bool:
        assert urgency in MESSAGE_PRIORITY
        return not self.quiet and not (self.full and urgency != OPEN_CRISIS)

    def ring(self, nudges: Sequence[Nudge]) -> bool:
        if not self.broken:
            self.rung += nudges
        return not self.broken

    def length(self, urgency: int) -> int:
        return sum(nudge.urgency == urgency for nudge in self.rung)


def _identity(arrival: Arrival) -> tuple[str | None, bool | None, str]:
    return arrival.account, arrival.livemode, arrival.event_id
