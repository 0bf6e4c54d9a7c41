"""Connected accounts as they are listed to staff."""

from dataclasses import dataclass
from datetime import datetime

from shared.db import Connection
from shared.queries import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    id: str
    livemode: bool | None
    status: str | None
    payouts_enabled: bool
    charges_enabled: bool
    requirements: int
    updated_at: datetime


def listing(conn: Connection, *, status: str | None, after: str | None, most: int) -> list[Listed]:
    """At most so many, in the order of their ids, beginning behind `after`."""
    rows = conn.execute(load("account_views")["list"], {"status": status, "after": after, "most": most})
    return [
        Listed(
            payouts_enabled=state.get("payouts_enabled") is True,
            charges_enabled=state.get("charges_enabled") is True,
            requirements=state.get("requirements_count") or 0,
            **row,
        )
        for row in rows
        for state in (row.pop("state"),)
    ]
