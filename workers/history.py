"""Places a fact in its subject's history and writes down what follows: verdicts, transitions, state, audit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from schemas import catalog
from schemas.facts import Fact, from_json, to_json
from schemas.reading import Event
from shared import audit
from shared.db import Connection
from shared.queries import load
from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Step
from workers.ledger import Claim

_ACTOR = "worker"


@dataclass(frozen=True, slots=True)
class _Line:
    """One transition, as it stands in the table or as it should."""

    position: int
    fact_id: int
    from_status: str | None
    to_status: str
    occurred_at: datetime | None = None

    def same_as(self, other: "_Line") -> bool:
        return (self.fact_id, self.from_status, self.to_status) == (other.fact_id, other.from_status, other.to_status)


def apply(conn: Connection, claim: Claim, event: Event, fact: Fact) -> None:
    """Carry one event's fact into its subject, once: the ledger of effects ends a repetition before it begins."""
    sql = load("history")
    previous = catalog.previous(event)
    cause = f"event:{claim.held.row_id}"
    effect = {"cause": cause, "kind": "fact", "recipient": f"{fact.kind}:{fact.subject_id}"}
    if conn.execute(sql["note_effect"], effect | {"event_row": claim.held.row_id}).fetchone() is None:
        return
    subject = conn.execute(
        sql["lock_subject"],
        {
            "kind": fact.kind,
            "subject_id": fact.subject_id,
            "account": claim.account,
            "livemode": claim.livemode,
            "customer_hash": claim.customer_hash,
        },
    ).fetchone()
    if subject is None:  # pragma: no cover - an upsert that returns always returns
        raise RuntimeError("the subject could not be locked")
    conn.execute(
        sql["place_fact"],
        {
            "subject_row": subject["id"],
            "event_row": claim.held.row_id,
            "source": claim.source,
            "cause": cause,
            "type": event.type,
            "occurred_at": event.created or claim.received_at,
            "data": Jsonb(to_json(fact)),
            "previous": None if previous is None else Jsonb(previous),
        },
    )
    refold(conn, subject["id"], kind=fact.kind, before=subject["status"], object_name=f"{fact.kind}:{fact.subject_id}")


def refold(conn: Connection, subject_row: int, *, kind: str, before: str | None, object_name: str) -> None:
    """Compute the subject's state from all its facts and write what changed; the subject is locked by the caller."""
    sql = load("history")
    rows = list(conn.execute(sql["facts_of_subject"], {"subject_row": subject_row}))
    folded = fold(_placed(kind, row) for row in rows)
    facts = {row["cause"]: row for row in rows}
    for step in folded.steps:
        row = facts[step.cause]
        if (row["verdict"], row["verdict_reason"]) != (step.verdict, step.reason):
            conn.execute(sql["judge_fact"], {"id": row["id"], "verdict": step.verdict, "reason": step.reason})
    _rewrite_transitions(conn, subject_row, _lines(folded.steps, facts))
    _write_state(conn, subject_row, folded)
    if folded.status != before:
        audit.record(
            conn,
            actor=_ACTOR,
            act="subject.transition",
            object=object_name,
            before={"status": before},
            after={"status": folded.status},
        )


def _placed(kind: str, row: Mapping[str, Any]) -> Placed:
    return Placed(
        cause=row["cause"],
        type=row["type"],
        rank=catalog.EVENT_TYPES[row["type"]].rank,
        occurred_at=row["occurred_at"],
        fact=from_json(kind, row["data"]),
        previous=row["previous"],
    )


def _lines(steps: tuple[Step, ...], facts: Mapping[str, Mapping[str, Any]]) -> list[_Line]:
    """The steps that moved the status, numbered in true order."""
    return [
        _Line(position, facts[step.cause]["id"], step.from_status, step.to_status, facts[step.cause]["occurred_at"])
        for position, step in enumerate((step for step in steps if step.moved), start=1)
    ]


def _rewrite_transitions(conn: Connection, subject_row: int, wanted: list[_Line]) -> None:
    sql = load("history")
    written = [_Line(**row) for row in conn.execute(sql["transitions_of_subject"], {"subject_row": subject_row})]
    agreed = 0
    while agreed < min(len(wanted), len(written)) and wanted[agreed].same_as(written[agreed]):
        agreed += 1
    if agreed < len(written):
        conn.execute(sql["drop_transitions"], {"subject_row": subject_row, "position": agreed + 1})
    for line in wanted[agreed:]:
        conn.execute(
            sql["add_transition"],
            {
                "subject_row": subject_row,
                "position": line.position,
                "fact_id": line.fact_id,
                "from_status": line.from_status,
                "to_status": line.to_status,
                "occurred_at": line.occurred_at,
            },
        )


def _write_state(conn: Connection, subject_row: int, folded: Folded) -> None:
    parameters = {"subject_row": subject_row, "status": folded.status, "state": Jsonb(folded.state)}
    conn.execute(load("history")["write_state"], parameters)
