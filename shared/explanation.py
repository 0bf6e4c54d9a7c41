"""The whole story of one event: receipt, lane, waits, attempts, end, what it changed, what was owed, who acted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared import subjects
from shared.db import Connection
from shared.documents import as_document
from shared.event_history import Attempt, History, history
from shared.events import FINAL_STATES, Event
from shared.queries import load
from shared.rules.lanes import CRISIS_SECONDS
from shared.waits import Wait, waits

PROMISED = {"crisis": timedelta(seconds=CRISIS_SECONDS)}  # from receipt to commit, by lane
LANE_WORDS = {
    "open-crisis": "the person behind it had an open crisis when it arrived or while it waited",
    "emergency-access": "the person behind it had emergency access when it arrived or while it waited",
    "marked-crisis": "the Stripe object is marked crisis=true",
    "access-critical": "events of its type take paid access away or give it back",
    "standard": "nothing about it is urgent",
}
MOST_TOLD = 50
_BEGINS_SERIES = frozenset({"dead_letter.requeue", "event.replay", "event.woken"})


@dataclass(frozen=True, slots=True)
class Receipt:
    api_version: str | None
    body_bytes: int
    asked_at: datetime
    body_kept: bool
    further_deliveries: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the event told of a subject, how that was judged, and the move that followed; None where none did.

    `stale`: it came after facts that are newer, found its place before them, and overwrote none.
    """

    kind: str
    subject_id: str
    type: str
    occurred_at: datetime
    placed_at: datetime
    verdict: str
    reason: str | None
    from_status: str | None
    to_status: str | None
    stale: bool


@dataclass(frozen=True, slots=True)
class Effect:
    kind: str
    recipient: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """Something owed to the outside, and since when it is told; what was handed over meanwhile cannot be taken back."""

    kind: str
    recipient: str
    owed_at: datetime
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the audit trail about this event."""

    at: datetime
    actor: str
    act: str
    reason: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    history: History
    receipt: Receipt
    waits: tuple[Wait, ...]
    told: tuple[Told, ...]
    effects: tuple[Effect, ...]
    notices: tuple[Notice, ...]
    audit: tuple[Record, ...]

    @property
    def event(self) -> Event:
        return self.history.event

    @property
    def lane_words(self) -> str:
        return LANE_WORDS.get(self.event.lane_reason, self.event.lane_reason)

    @property
    def latency(self) -> timedelta | None:
        """From receipt to the commit that ended it for the first time: a later series was begun by a person."""
        ended_at = _first_end(self.event, self.history.attempts)
        return None if ended_at is None else ended_at - self.event.received_at

    @property
    def within_promise(self) -> bool | None:
        """None while it has not ended, and in a lane without a promise."""
        promised, latency = PROMISED.get(self.event.lane), self.latency
        return None if promised is None or latency is None else latency <= promised

    def to_json(self) -> dict[str, object]:
        """The document of `carelane events show --json`, and more."""
        promised = PROMISED.get(self.event.lane)
        return self.history.to_json() | {
            "laneWords": self.lane_words,
            "apiVersion": self.receipt.api_version,
            "bodyBytes": self.receipt.body_bytes,
            "bodyKept": self.receipt.body_kept,
            "furtherDeliveries": self.receipt.further_deliveries,
            "waits": [wait.to_json() for wait in self.waits],
            "latencyMilliseconds": _milliseconds(self.latency),
            "promisedMilliseconds": _milliseconds(promised),
            "withinPromise": self.within_promise,
            "facts": [as_document(told) for told in self.told],
            "effects": [as_document(effect) for effect in self.effects],
            "notices": [as_document(notice) for notice in self.notices],
            "audit": [as_document(record) for record in self.audit],
        }


def explain(conn: Connection, event: Event) -> Explanation:
    sql, found = load("explanation"), history(conn, event)
    parameters = {
        "row": event.id,
        "object": f"event:{event.event_id}#{event.id}",
        "causes": _causes(event),
        "most": MOST_TOLD,
    }
    audit = tuple(Record(**row) for row in conn.execute(sql["audit_of_object"], parameters))
    return Explanation(
        history=found,
        receipt=next(Receipt(**row) for row in conn.execute(sql["receipt"], parameters)),
        waits=waits(event, found.attempts, _restarts(audit)),
        told=tuple(_told(conn, conn.execute(sql["facts_of_event"], parameters).fetchall())),
        effects=tuple(Effect(**row) for row in conn.execute(sql["effects_of_event"], parameters)),
        notices=tuple(Notice(**row) for row in conn.execute(sql["notices_of_event"], parameters)),
        audit=audit,
    )


def _told(conn: Connection, rows: Sequence[dict[str, Any]]) -> Iterator[Told]:
    stale: set[int] = set()
    for subject_row, kind in {(row.pop("subject_row"), row["kind"]) for row in rows}:
        stale |= {fact.id for fact in subjects.facts(conn, subject_row, kind) if fact.is_stale}
    for row in rows:
        yield Told(stale=row.pop("id") in stale, **row)


def _causes(event: Event) -> list[str]:
    """What notices call this event, as such and in each of its last series."""
    series = range(max(1, event.series - MOST_TOLD), event.series + 1)
    by_row, by_name = f"event:{event.id}", f"event:{event.event_id}#{event.id}"
    return [by_row, by_name, *(f"{by_row}#{number}" for number in series)]


def _restarts(audit: Sequence[Record]) -> dict[int, datetime]:
    return {record.after["series"]: record.at for record in audit if record.act in _BEGINS_SERIES and record.after}


def _first_end(event: Event, attempts: Sequence[Attempt]) -> datetime | None:
    if event.series == 1:
        return event.settled_at
    return next((a.ended_at for a in attempts if a.series == 1 and a.outcome in FINAL_STATES), None)


def _milliseconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds() * 1000, 3)
