"""The ledger of attempts: claim an event, settle it, or give it back. Each of them is guarded by the claim's fence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.crypto import Identity, Sealed
from shared.db import Connection
from shared.queries import load
from shared.rowsets import rowset
from shared.rules.lanes import OPEN_CRISIS

# What is carried together is committed together, so each waits for all: few enough for one of them not to notice.
_MOST_ALONG = 7


class Fenced(Exception):
    """The claim is no longer ours: its lease ended and somebody else has the event. Whatever we did is rolled back."""


@dataclass(frozen=True, slots=True)
class Held:
    """What names a claim: nobody else can settle the row while this fence is its last."""

    row_id: int
    fence: int
    series: int
    event_id: str
    type: str | None = None

    @property
    def name(self) -> str:
        """How audit records call this event: an `evt_` id alone may stand for one of several accounts."""
        return f"event:{self.event_id}#{self.row_id}"


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt at one event, by its number in the series; `sealed` is None when the body is gone."""

    held: Held
    account: str | None
    livemode: bool | None
    lane: str
    urgency: int
    source: str
    customer_hash: bytes | None = field(repr=False)
    received_at: datetime
    attempt: int
    sealed: Sealed | None = field(repr=False)

    @property
    def identity(self) -> Identity:
        return Identity(self.account, self.livemode, self.held.event_id)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an event ended or waits: a class, a code, where in the payload, and words for a person."""

    reason_class: str
    code: str
    message: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an event ends; an orphan names all that it `waits_for` (shared/parking.py)."""

    state: Literal["processed", "ignored", "dead"]
    reason: Reason | None = None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settled:
    state: str
    lane: str
    age_seconds: float


def claim(
    conn: Connection,
    row_ids: Sequence[int],
    *,
    worker: str,
    lease_seconds: int,
    apart: Sequence[str] | None = None,
) -> list[Claim]:
    """Take those of the events that wait and are due.

    With `apart`, only those at their first attempt, of none of these types, and whose body said which type it is.
    """
    return _take(
        conn,
        row_ids,
        {
            "worker": worker,
            "lease_seconds": lease_seconds,
            "together": apart is not None,
            "apart": list(apart or []),
            "along": 0,
        },
    )


def claim_with_others(
    conn: Connection, row_id: int, *, worker: str, lease_seconds: int, apart: Sequence[str]
) -> list[Claim]:
    """Take it if it waits and is due, and a few others of people in open crisis that do, of none of these types."""
    return _take(
        conn,
        [row_id],
        {
            "worker": worker,
            "lease_seconds": lease_seconds,
            "together": False,
            "apart": list(apart),
            "along": _MOST_ALONG,
        },
    )


def still_due(conn: Connection, row_ids: Sequence[int]) -> list[int]:
    """Those of the events that can be claimed now."""
    return [row["id"] for row in conn.execute(load("ledger")["still_due"], {"ids": list(row_ids)})]


def leave(conn: Connection, row_ids: Sequence[int]) -> None:
    """There was no time for these: they are to be nudged again."""
    conn.execute(load("ledger")["leave"], {"ids": list(row_ids)})


def owners(conn: Connection) -> list[str]:
    """Who holds a claim now."""
    return [row["claimed_by"] for row in conn.execute(load("ledger")["owners"])]


def lost(conn: Connection, *, gone: Sequence[str], most: int) -> list[Held]:
    """Lock and return claims whose lease has ended or whose owner is one of these; what another relay took is left."""
    return [_held(row) for row in conn.execute(load("ledger")["lost_claims"], {"gone": list(gone), "most": most})]


def settle(conn: Connection, endings: Sequence[tuple[Held, Settlement]]) -> list[Settled]:
    """End the claims, all or none: raises Fenced when one of them is no longer ours."""
    rows = [_key(held) | _reason(end.reason) | _outcome(end) for held, end in endings]
    settled = {row["id"]: row for row in conn.execute(load("ledger")["settle"], {"rows": rowset(rows)})}
    if len(settled) != len(endings):
        raise Fenced
    ours = (settled[held.row_id] for held, _ in endings)
    return [Settled(row["state"], row["lane"], row["age_seconds"]) for row in ours]


def retry_later(
    conn: Connection, held: Held, reason: Reason, *, delay_seconds: float, waits_for: tuple[str, ...] = ()
) -> None:
    """Give the claim back until then, or until what it waits for is woken; raises Fenced when it is no longer ours."""
    parameters = _key(held) | _reason(reason) | {"delay_seconds": delay_seconds, "waits_for": list(waits_for) or None}
    if conn.execute(load("ledger")["retry_later"], parameters).fetchone() is None:
        raise Fenced


def failures(conn: Connection, held: Held, reason_class: str) -> int:
    """How often this series failed in this way before the attempt in hand."""
    parameters = {"id": held.row_id, "series": held.series, "class": reason_class}
    row = conn.execute(load("ledger")["failures_in_series"], parameters).fetchone()
    return 0 if row is None else int(row["failures"])


def _take(conn: Connection, row_ids: Sequence[int], wish: Mapping[str, object]) -> list[Claim]:
    parameters = {"ids": list(row_ids), "open_crisis": OPEN_CRISIS, **wish}
    return [_claim(row) for row in conn.execute(load("ledger")["claim"], parameters)]


def _claim(row: dict[str, Any]) -> Claim:
    del row["durability"]
    key_id, nonce, sealed = row.pop("data_key_id"), row.pop("nonce"), row.pop("sealed")
    body = None if sealed is None else Sealed(key_id, nonce, sealed)
    return Claim(held=_held(row), sealed=body, **row)


def _held(row: dict[str, Any]) -> Held:
    return Held(row.pop("id"), row.pop("fence"), row.pop("series"), row.pop("event_id"), row.pop("type"))


def _key(held: Held) -> dict[str, object]:
    return {"id": held.row_id, "fence": held.fence}


def _outcome(end: Settlement) -> dict[str, object]:
    return {"state": end.state, "waits_for": list(end.waits_for) or None}


def _reason(reason: Reason | None) -> dict[str, object]:
    if reason is None:
        return dict.fromkeys(("class", "code", "path", "message"))
    return {"class": reason.reason_class, "code": reason.code, "path": reason.path, "message": reason.message}
