"""How the walk stands now: events by state, and what waits in each lane."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared import guards, owed
from shared.db import Connection
from shared.guards import Guard
from shared.owed import Owed
from shared.queries import load
from shared.rules.lanes import LANES

# Up to here each event is counted. Beyond, what ended well is estimated: to count it would read the whole table at each
# scrape, and the more was ever kept, the longer that takes.
COUNTED_UP_TO = 200_000

STATES = ("received", "processing", "retrying", "processed", "ignored", "dead")


@dataclass(frozen=True, slots=True)
class Lane:
    """What waits in a lane, with the age of the oldest since its receipt; what is parked waits for something else."""

    waiting: int
    oldest_seconds: float
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """`events` counts by state; where `is_estimated`, `processed` and `ignored` are what the statistics say."""

    events: Mapping[str, int]
    lanes: Mapping[str, Lane]
    guards: Sequence[Guard] = ()  # each is an alarm that stands
    is_estimated: bool = False
    owed: Owed = field(default_factory=Owed)

    def to_json(self) -> dict[str, object]:
        """The document that `carelane status --json` prints."""
        return {
            "events": dict(self.events),
            "eventsEstimated": self.is_estimated,
            "lanes": {
                name: {
                    "waiting": lane.waiting,
                    "oldestSeconds": round(lane.oldest_seconds, 3),
                    "parked": lane.parked,
                }
                for name, lane in self.lanes.items()
            },
            "guards": [guard.to_json() for guard in self.guards],
            "owed": self.owed.to_json(),
        }


def read(conn: Connection, *, counted_up_to: int = COUNTED_UP_TO) -> Status:
    sql = load("status")
    kept = conn.execute(sql["kept_about"]).fetchone()
    about = int(kept["events"]) if kept else 0
    is_estimated = about > counted_up_to
    counts = _estimated(conn, about) if is_estimated else _by_state(conn, "events_by_state")
    waiting = {row.pop("lane"): Lane(**row) for row in conn.execute(sql["waiting_by_lane"])}
    return Status(
        events={state: counts.get(state, 0) for state in STATES},
        lanes={lane: waiting.get(lane, Lane(0, 0.0)) for lane in LANES},
        guards=guards.standing(conn),
        is_estimated=is_estimated,
        owed=owed.read(conn),
    )


def _by_state(conn: Connection, query: str) -> dict[str, int]:
    return {row["state"]: row["events"] for row in conn.execute(load("status")[query])}


def _estimated(conn: Connection, about: int) -> dict[str, int]:
    counts = _by_state(conn, "unfinished_by_state")
    share = conn.execute(load("status")["share_of_ignored"]).fetchone()
    ended_well = max(0, about - sum(counts.values()))
    ignored = min(ended_well, round(about * share["frequency"])) if share else 0
    return counts | {"ignored": ignored, "processed": ended_well - ignored}
