"""What events are about, with the facts that are known of each and how its status moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schemas import catalog
from schemas.facts import from_json
from shared.db import Connection
from shared.moments import iso
from shared.queries import load
from shared.rules.fold import fold
from shared.rules.history import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    id: int
    kind: str
    subject_id: str
    account: str | None
    livemode: bool | None
    status: str | None
    state: Mapping[str, Any]
    needs_refetch: bool
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known of a subject, what brought it (`cause`), and how it was judged.

    `is_stale`: it came after facts that are newer, found its place before them, and overwrote none.
    """

    id: int
    type: str
    occurred_at: datetime
    verdict: str
    reason: str | None
    cause: str
    source: str
    event_row: int | None
    event_id: str | None
    is_stale: bool = False

    def to_json(self) -> dict[str, object]:
        return {
            "type": self.type,
            "occurredAt": iso(self.occurred_at),
            "verdict": self.verdict,
            "reason": self.reason,
            "stale": self.is_stale,
            "cause": self.cause,
            "source": self.source,
            "eventId": self.event_id,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    from_status: str | None
    to_status: str
    occurred_at: datetime
    cause: str
    event_row: int | None

    def words(self) -> str:
        return f"{self.from_status or '(new)'} -> {self.to_status}"

    def to_json(self) -> dict[str, object]:
        return {
            "from": self.from_status,
            "to": self.to_status,
            "occurredAt": iso(self.occurred_at),
            "cause": self.cause,
        }


@dataclass(frozen=True, slots=True)
class Story:
    """A subject, the facts in the order they are true, and the moves that follow from them."""

    subject: Subject
    facts: tuple[Fact, ...]
    transitions: tuple[Transition, ...]

    def details(self) -> dict[str, Any]:
        """What is known besides the status, by name."""
        return {name: _with_z(value) for name, value in sorted(self.subject.state.items()) if name != "status"}

    def conflicts(self) -> list[Fact]:
        return [fact for fact in self.facts if fact.verdict == "conflict"]

    def to_json(self) -> dict[str, object]:
        """The document that `carelane subject show --json` prints."""
        return {
            "kind": self.subject.kind,
            "id": self.subject.subject_id,
            "account": self.subject.account,
            "livemode": self.subject.livemode,
            "state": {"status": self.subject.status, **self.details()},
            "needsRefetch": self.subject.needs_refetch,
            "facts": [fact.to_json() for fact in self.facts],
            "transitions": [transition.to_json() for transition in self.transitions],
            "conflicts": [fact.to_json() for fact in self.conflicts()],
        }


def find(
    conn: Connection,
    subject_id: str,
    *,
    kind: str | None = None,
    account: str | None = None,
    livemode: bool | None = None,
) -> tuple[Subject, ...]:
    """Every subject that goes by this id."""
    parameters = {"subject_id": subject_id, "kind": kind, "account": account, "livemode": livemode}
    return tuple(Subject(**row) for row in conn.execute(load("subjects")["find_subjects"], parameters))


def story(conn: Connection, subject: Subject) -> Story:
    transitions = conn.execute(load("subjects")["transitions_of_subject"], {"row": subject.id})
    known = facts(conn, subject.id, subject.kind)
    return Story(subject, known, tuple(Transition(**row) for row in transitions))


def facts(conn: Connection, row: int, kind: str) -> tuple[Fact, ...]:
    """All that is known of a subject, in true order."""
    return _in_true_order(kind, conn.execute(load("subjects")["facts_of_subject"], {"row": row}))


def _in_true_order(kind: str, rows: Iterable[dict[str, Any]]) -> tuple[Fact, ...]:
    found, placed = {}, []
    for row in rows:
        known = catalog.known(row["type"])
        data, previous = from_json(known.kind, row.pop("data")), row.pop("previous")
        fact = found[row["cause"]] = Fact(**row)
        placed.append(
            Placed(
                cause=fact.cause,
                type=fact.type,
                rank=known.rank,
                occurred_at=fact.occurred_at,
                fact=data,
                previous=previous,
            )
        )
    return _marked([found[step.cause] for step in fold(placed, kind=kind).steps])


def _marked(ordered: Sequence[Fact]) -> tuple[Fact, ...]:
    """With a mark on each that was placed after one that follows it."""
    marked, first_after = [], None
    for fact in reversed(ordered):
        marked.append(replace(fact, is_stale=first_after is not None and first_after < fact.id))
        first_after = fact.id if first_after is None else min(first_after, fact.id)
    return tuple(reversed(marked))


def _with_z(value: Any) -> Any:
    """A time that was kept as text, written as all others are; anything else as it is."""
    if not isinstance(value, str) or not value.endswith("+00:00"):
        return value
    try:
        return iso(datetime.fromisoformat(value))
    except ValueError:
        return value
