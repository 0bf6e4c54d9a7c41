"""What a person may use now, computed from what PostgreSQL holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.queries import load
from shared.rules.access import Access, Crisis, Emergency, Known, decide
from shared.rules.billing import Folded, subscriptions_of
from shared.rules.standing import Policy
from shared.rules.unpaid import Move


@dataclass(frozen=True, slots=True)
class Reading:
    """What was known at one moment, by the database's clock."""

    known: Known
    at: datetime

    def decide(self, policy: Policy) -> Access:
        return decide(self.known, policy, self.at)


def read(conn: Connection, user_id: str) -> Reading | None:
    """None for a person nobody told us of."""
    return reading_of(conn.execute(statement(), {"user_id": user_id}).fetchone())


def statement() -> str:
    """What `reading_of` is given the row of; its one parameter is `user_id`."""
    return load("access")["known"]


def reading_of(row: Mapping[str, Any] | None) -> Reading | None:
    return None if row is None else Reading(_known(row), row["read_at"])


def _known(row: Mapping[str, Any]) -> Known:
    return Known(
        subscriptions=subscriptions_of(_folded(row["subscriptions"]), _folded(row["invoices"])),
        crises=tuple(Crisis(**_with_times(one)) for one in row["crises"]),
        emergencies=tuple(Emergency(**_with_times(one)) for one in row["emergencies"]),
        own_grace_days=row["grace_days"],
    )


def _folded(rows: Iterable[Mapping[str, Any]]) -> Iterable[Folded]:
    for row in rows:
        moves = [Move(status, datetime.fromisoformat(at)) for status, at in row.get("moves") or ()]
        yield Folded(subject_id=row["id"], state=row["state"], latest_at=_moment(row["latest_at"]), moves=moves)


def _with_times(record: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no times; those of a record are told by their names."""
    return {name: _moment(value) if name.endswith("_at") else value for name, value in record.items()}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
