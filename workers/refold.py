"""Folds a subject anew from all its facts, and brings what is written of it into line: verdicts and transitions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas import catalog
from schemas.facts import from_json
from shared import audit, counts
from shared.db import Connection
from shared.queries import load
from shared.rules.fold import fold, moves
from shared.rules.history import Folded, Placed, Step, Verdict
from shared.rules.kinds import RULES
from workers import subjects


@dataclass(frozen=True, slots=True)
class Line:
    """One transition, as it stands in the table or as it should."""

    position: int
    fact_id: int
    cause: str
    from_status: str | None
    to_status: str
    occurred_at: datetime

    def same_as(self, other: "Line") -> bool:
        return (self.fact_id, self.from_status, self.to_status) == (other.fact_id, other.from_status, other.to_status)


def refold(conn: Connection, subject_row: int, kind: str, name: str) -> tuple[Folded, list[Line]]:
    """What all its facts amount to, and the transitions that follow; the subject is locked by the caller."""
    sql = load("history")
    rows = list(conn.execute(sql["facts_of_subject"], {"subject_row": subject_row}))
    folded = fold((_placed(row) for row in rows), kind=kind)
    facts = {row["cause"]: row for row in rows}
    for step in folded.steps:
        row = facts[step.cause]
        if (row["verdict"], row["verdict_reason"]) != (step.verdict, step.reason):
            conn.execute(sql["judge_fact"], {"id": row["id"], "verdict": step.verdict, "reason": step.reason})
        if step.verdict is Verdict.CONFLICT and row["verdict"] != Verdict.CONFLICT:
            counts.CONFLICTS.labels(kind).inc()
            audit.record_all(conn, [subjects.conflict(name, step)])
    lines = _lines(folded.steps, facts, kind)
    superseded = _rewrite(conn, subject_row, lines)
    if superseded:
        steps = [{"cause": line.cause, "from": line.from_status, "to": line.to_status} for line in superseded]
        why = "a late fact found its place before them"
        audit.record(
            conn, actor="worker", act="subject.steps_superseded", object=name, reason=why, before={"steps": steps}
        )
    return folded, lines


def add(conn: Connection, subject_row: int, line: Line) -> None:
    conn.execute(
        load("history")["add_transition"],
        {
            "subject_row": subject_row,
            "position": line.position,
            "fact_id": line.fact_id,
            "from_status": line.from_status,
            "to_status": line.to_status,
            "occurred_at": line.occurred_at,
        },
    )


def _placed(row: Mapping[str, Any]) -> Placed:
    known = catalog.known(row["type"])
    return Placed(
        cause=row["cause"],
        type=row["type"],
        rank=known.rank,
        occurred_at=row["occurred_at"],
        fact=from_json(known.kind, row["data"]),
        previous=row["previous"],
    )


def _lines(steps: Sequence[Step], facts: Mapping[str, Mapping[str, Any]], kind: str) -> list[Line]:
    """The moves of the status, numbered in true order."""
    return [
        Line(
            position=position,
            fact_id=facts[step.cause]["id"],
            cause=step.cause,
            from_status=here,
            to_status=there,
            occurred_at=facts[step.cause]["occurred_at"],
        )
        for position, (step, here, there) in enumerate(moves(steps, RULES[kind]), start=1)
    ]


def _rewrite(conn: Connection, subject_row: int, wanted: Sequence[Line]) -> list[Line]:
    """Bring the table into line; the steps that no longer are."""
    sql = load("history")
    written = [Line(**row) for row in conn.execute(sql["transitions_of_subject"], {"subject_row": subject_row})]
    agreed = 0
    while agreed < min(len(wanted), len(written)) and wanted[agreed].same_as(written[agreed]):
        agreed += 1
    if agreed < len(written):
        conn.execute(sql["drop_transitions"], {"subject_row": subject_row, "position": agreed + 1})
    for line in wanted[agreed:]:
        add(conn, subject_row, line)
    still = {(line.cause, line.from_status, line.to_status) for line in wanted}
    return [line for line in written[agreed:] if (line.cause, line.from_status, line.to_status) not in still]
