"""How the walk stands now: events by state, and what waits in each lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared import guards
from shared.db import Connection
from shared.guards import Guard
from shared.queries import load
from shared.rules.lanes import LANES

STATES = ("received", "processing", "retrying", "processed", "ignored", "dead")


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits in a lane, with the age of the oldest since its receipt; what is parked waits for something else."""

    waiting: int
    oldest_seconds: float
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    events: Mapping[str, int]
    lanes: Mapping[str, Lane]
    guards: Sequence[Guard] = ()  # each is an alarm that stands

    def to_json(self) -> dict[str, object]:
        """The document that `carelane status --json` prints."""
        return {
            "events": dict(self.events),
            "lanes": {
                name: {
                    "waiting": lane.waiting,
                    "oldestSeconds": round(lane.oldest_seconds, 3),
                    "parked": lane.parked,
                }
                for name, lane in self.lanes.items()
            },
            "guards": [guard.to_json() for guard in self.guards],
        }


def read(conn: Connection) -> Status:
    sql = load("status")
    counts = {row["state"]: row["events"] for row in conn.execute(sql["events_by_state"])}
    waiting = {row.pop("lane"): Lane(**row) for row in conn.execute(sql["waiting_by_lane"])}
    return Status(
        events={state: counts.get(state, 0) for state in STATES},
        lanes={lane: waiting.get(lane, Lane(0, 0.0)) for lane in LANES},
        guards=guards.standing(conn),
    )
