"""How delivery to the outside stands: what waits for its position, and what waits for each endpoint of callbacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared import callbacks
from shared.callbacks import Endpoint
from shared.db import Connection
from shared.queries import load


@dataclass(frozen=True, slots=True)
class Owed:
    """`untold` notices were committed and nobody can read them yet; that is a matter of milliseconds."""

    untold: int = 0
    oldest_seconds: float = 0.0
    callbacks: Sequence[Endpoint] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "untold": self.untold,
            "oldestSeconds": round(self.oldest_seconds, 3),
            "callbacks": [_callbacks(endpoint) for endpoint in self.callbacks],
        }


def read(conn: Connection) -> Owed:
    row = conn.execute(load("outbox")["untold"]).fetchone()
    untold, oldest_seconds = (row["untold"], row["oldest_seconds"]) if row else (0, 0.0)
    return Owed(untold, oldest_seconds, callbacks.listing(conn))


def _callbacks(endpoint: Endpoint) -> dict[str, object]:
    return {
        "endpoint": endpoint.name,
        "waiting": endpoint.waiting,
        "oldestSeconds": round(endpoint.oldest_seconds, 3),
        "dead": endpoint.dead,
        "failures": endpoint.failures,
        "disabled": endpoint.disabled_at is not None,
    }
