"""What somebody who watches over the doors wants to see: refusals, broken glass, who is at work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.events import like_patterns
from shared.queries import load

_MOST_READ = 20_000
WATCHED = (
    "staff.*", "token.*", "keys.*", "settings.*", "sources.*", "audit.*", "emergency_code.refused", "access.violation",
    "crisis.response_breach", "crisis.note_viewed", "event.payload_viewed", "person.*", "bodies.*",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Watched:
    act: str
    records: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str | None
    requests: int
    sources: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Watch:
    """Of the last day, as far as the latest records reach."""

    acts: Sequence[Watched]
    refusals: Sequence[Refusal]
    glass: Sequence[Mapping[str, Any]]
    at_work: Sequence[Mapping[str, Any]]


def read(conn: Connection) -> Watch:
    sql = load("security_views")
    return Watch(
        acts=[
            Watched(**row) for row in conn.execute(sql["acts"], {"most": _MOST_READ, "acts": like_patterns(WATCHED)})
        ],
        refusals=[Refusal(**row) for row in conn.execute(sql["refused"], {"most": _MOST_READ})],
        glass=conn.execute(sql["glass"]).fetchall(),
        at_work=conn.execute(sql["at_work"]).fetchall(),
    )
