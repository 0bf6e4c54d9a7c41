"""What somebody should look at among what events told: alarms about payouts, contradictions, what is ambiguous."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.queries import load
from shared.rules.owing import PAYOUT_CRITICAL, PAYOUT_MISMATCH, PAYOUT_STALE

MOST = 20
_LOOKED_AT = 20_000
_KINDS = [PAYOUT_CRITICAL, PAYOUT_MISMATCH, PAYOUT_STALE]


@dataclass(frozen=True, slots=True)
class Alarm:
    """About a registered payout, by the name that notices give it."""

    about: str | None
    kind: str
    data: Mapping[str, Any]
    owed_at: datetime

    @property
    def payout_id(self) -> str | None:
        found = self.data.get("payoutId")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class Conflict:
    kind: str
    subject_id: str
    type: str
    reason: str | None
    occurred_at: datetime
    event_row: int | None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    kind: str
    subject_id: str
    status: str | None
    updated_at: datetime


def payouts(conn: Connection) -> Sequence[Alarm]:
    wanted = {"kinds": _KINDS, "looked_at": _LOOKED_AT, "most": MOST}
    return [Alarm(**row) for row in conn.execute(load("attention")["payouts"], wanted)]


def conflicts(conn: Connection) -> Sequence[Conflict]:
    wanted = {"looked_at": _LOOKED_AT, "most": MOST}
    return [Conflict(**row) for row in conn.execute(load("attention")["conflicts"], wanted)]


def ambiguous(conn: Connection) -> Sequence[Ambiguous]:
    return [Ambiguous(**row) for row in conn.execute(load("attention")["ambiguous"], {"most": MOST})]
