"""When relay and beat last showed that they work, wherever they run: one row each in PostgreSQL."""

from dataclasses import dataclass
from datetime import datetime

from shared.db import Connection
from shared.processes import place
from shared.queries import load

RELAY, BEAT = "relay", "beat"
DOORBELL = "doorbell"  # the relay reached the broker
RELAY_EVERY_SECONDS = 5.0
BEAT_EVERY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Heartbeat:
    process: str
    place: str
    beaten_at: datetime
    age_seconds: float
    running_seconds: float  # without a gap


def beat(conn: Connection, process: str) -> None:
    conn.execute(
        load("heartbeats")["beat"], {"process": process, "place": place(), "gap_seconds": RELAY_EVERY_SECONDS * 3}
    )


def latest(conn: Connection) -> dict[str, Heartbeat]:
    """The newest beat of each process that ever beat; ages are by the database's clock."""
    return {row["process"]: Heartbeat(**row) for row in conn.execute(load("heartbeats")["latest"])}
