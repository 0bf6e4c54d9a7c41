"""Places a fact in its subject's history and writes down what follows: verdicts, transitions, state, audit.

A fact later than all that is known goes on from the state; any other finds its place, and its subject is folded anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from schemas import catalog
from schemas.facts import JSON, Fact, to_json
from schemas.reading import Event
from shared import audit
from shared.db import Connection
from shared.queries import load
from shared.rules.fold import advance
from shared.rules.history import Placed, Step, Verdict
from shared.rules.kinds import RULES
from workers import refold
from workers.ledger import Claim

_ACTOR = "worker"


@dataclass(frozen=True, slots=True)
class Address:
    """Which subject a fact belongs to; the livemode is the event's."""

    kind: str
    subject_id: str
    account: str | None

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.subject_id}"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject that this transaction has locked, as it stands; `moves` counts its transitions."""

    row: int
    address: Address
    status: str | None
    state: Mapping[str, JSON]
    latest_at: datetime | None
    moves: int
    needs_refetch: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the subject stands after a fact; `lines` holds its new transition, or all of them when `is_refolded`."""

    status: str | None
    state: Mapping[str, JSON]
    moves: int
    lines: tuple[refold.Line, ...]
    is_refolded: bool = False
    needs_refetch: bool = False


def placed_of(claim: Claim, event: Event, fact: Fact) -> Placed:
    return Placed(
        cause=claim.held.name,
        type=event.type,
        rank=catalog.EVENT_TYPES[event.type].rank,
        occurred_at=event.created or claim.received_at,
        fact=fact,
        previous=catalog.previous(event),
    )


def place(conn: Connection, claim: Claim, address: Address, placed: Placed) -> Outcome | None:
    """Carry one event's fact into a subject, once: the ledger of effects ends a repetition, and gives None."""
    effect = {"cause": placed.cause, "kind": "fact", "recipient": address.name, "event_row": claim.held.row_id}
    if conn.execute(load("history")["note_effect"], effect).fetchone() is None:
        return None
    subject = _lock(conn, claim, address)
    carry = _go_on if _is_in_order(subject, placed) else _find_its_place
    outcome = carry(conn, claim, subject, placed)
    _write(conn, subject, placed, outcome)
    return outcome


def _lock(conn: Connection, claim: Claim, address: Address) -> Subject:
    row = conn.execute(
        load("history")["lock_subject"],
        {
            "kind": address.kind,
            "subject_id": address.subject_id,
            "account": address.account,
            "livemode": claim.livemode,
            "customer_hash": claim.customer_hash,
        },
    ).fetchone()
    if row is None:  # pragma: no cover - an upsert that returns always returns
        raise RuntimeError("the subject could not be locked")
    return Subject(row.pop("id"), address, **row)


def _is_in_order(subject: Subject, placed: Placed) -> bool:
    """Within one second only the facts themselves can tell."""
    return subject.latest_at is None or placed.occurred_at > subject.latest_at


def _go_on(conn: Connection, claim: Claim, subject: Subject, placed: Placed) -> Outcome:
    state, step = advance(subject.state, placed, RULES[subject.address.kind])
    fact_id = _note(conn, claim, subject, placed, step)
    if step.verdict is Verdict.CONFLICT:
        refold.audit_conflict(conn, subject.address.name, step)
        return Outcome(subject.status, state, subject.moves, (), needs_refetch=subject.needs_refetch)
    if not step.moved:
        return Outcome(subject.status, state, subject.moves, ())
    line = refold.Line(subject.moves + 1, fact_id, placed.cause, step.from_status, step.to_status, placed.occurred_at)
    refold.add(conn, subject.row, line)
    return Outcome(step.to_status, state, line.position, (line,))


def _find_its_place(conn: Connection, claim: Claim, subject: Subject, placed: Placed) -> Outcome:
    _note(conn, claim, subject, placed)
    folded, lines = refold.refold(conn, subject.row, subject.address.kind, subject.address.name)
    return Outcome(
        folded.status, folded.state, len(lines), tuple(lines), is_refolded=True, needs_refetch=folded.needs_refetch
    )


def _note(conn: Connection, claim: Claim, subject: Subject, placed: Placed, judged: Step | None = None) -> int:
    """Write the fact down, judged already or to be judged when all is folded anew; the row's id."""
    parameters: dict[str, Any] = {
        "subject_row": subject.row,
        "event_row": claim.held.row_id,
        "source": claim.source,
        "cause": placed.cause,
        "type": placed.type,
        "occurred_at": placed.occurred_at,
        "data": Jsonb(to_json(placed.fact)),
        "previous": None if placed.previous is None else Jsonb(dict(placed.previous)),
        "verdict": judged.verdict if judged else Verdict.APPLIED,
        "reason": judged.reason if judged else None,
    }
    row = conn.execute(load("history")["place_fact"], parameters).fetchone()
    return int(row["id"]) if row else 0


def _write(conn: Connection, subject: Subject, placed: Placed, outcome: Outcome) -> None:
    conn.execute(
        load("history")["write_state"],
        {
            "subject_row": subject.row,
            "status": outcome.status,
            "state": Jsonb(dict(outcome.state)),
            "needs_refetch": outcome.needs_refetch,
            "moves": outcome.moves,
            "occurred_at": placed.occurred_at,
        },
    )
    if outcome.status != subject.status:
        audit.record(
            conn,
            actor=_ACTOR,
            act="subject.transition",
            object=subject.address.name,
            before={"status": subject.status},
            after={"status": outcome.status},
        )
