"""How fast a device is told, by its person's tier: what may wait is gathered, so that a phone is not woken for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared.rules.sync_operations import URGENT
from shared.rules.tiers import SYNC


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`batch_seconds`: how long what came first waits for more. `poll_seconds`: for devices that hold no stream."""

    frequency: str
    batch_seconds: int
    batch_most: int
    heartbeat_seconds: int
    poll_seconds: int

    def document(self) -> dict[str, object]:
        return {
            "frequency": self.frequency,
            "batchSeconds": self.batch_seconds,
            "batchMost": self.batch_most,
            "heartbeatSeconds": self.heartbeat_seconds,
            "pollSeconds": self.poll_seconds,
        }


# By the frequency that shared/rules/tiers.py gives each tier.
PACES: Mapping[str, Pace] = MappingProxyType(
    {
        "realtime": Pace(frequency="realtime", batch_seconds=0, batch_most=200, heartbeat_seconds=15, poll_seconds=15),
        "frequent": Pace(frequency="frequent", batch_seconds=2, batch_most=100, heartbeat_seconds=20, poll_seconds=30),
        "standard": Pace(frequency="standard", batch_seconds=5, batch_most=100, heartbeat_seconds=25, poll_seconds=60),
        "background": Pace(
            frequency="background", batch_seconds=30, batch_most=50, heartbeat_seconds=30, poll_seconds=300
        ),
    }
)
_CRISIS_POLL_SECONDS = 5


def told_by(operation: Mapping[str, Any]) -> Pace | None:
    """The pace of the tier that an operation tells of, if it does: from then on the device goes by it."""
    if operation.get("entity") != "access":
        return None
    sync = SYNC.get(operation["payload"]["tier"])
    return None if sync is None else PACES[sync.frequency]


def wait_seconds(pace: Pace, priority: str, waiting: int) -> int:
    """How long this operation may wait for more, when so many wait already."""
    return 0 if priority == URGENT or waiting >= pace.batch_most else pace.batch_seconds


def poll_seconds(pace: Pace, *, in_crisis: bool) -> int:
    return min(pace.poll_seconds, _CRISIS_POLL_SECONDS) if in_crisis else pace.poll_seconds
