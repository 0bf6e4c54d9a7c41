"""What the database should hold of a history of one subject, by the fold alone: beside what kept_histories reads."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from schemas.facts import to_json
from shared.rules.fold import fold, moves
from shared.rules.history import Folded, Placed
from shared.rules.kinds import RULES
from shared.rules.owing import account_steps
from shared.rules.subject_names import name_of
from tests.factories.facts import placed_event
from tests.factories.kept_histories import alike


class _Line(NamedTuple):
    position: int
    event_id: str
    from_status: str | None
    to_status: str
    occurred_at: datetime


def ends_of(name: str, events: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Of events that are all about one subject, which no registered payout follows."""
    facts = [_placed(one) for one in events]
    kind = facts[0].fact.kind
    whose = {"kind": kind, "subject_id": facts[0].fact.subject_id, "account": events[0].get("account")}
    folded = fold(facts)
    lines = [
        _Line(position, _event_of(step.cause), before, after, _at(facts, step.cause))
        for position, (step, before, after) in enumerate(moves(folded.steps, RULES[kind]), start=1)
    ]
    found = {
        "events": [{"event_id": one["id"], "state": "processed", "reason_code": None} for one in events],
        "subjects": [whose | _stands(folded, lines)],
        "facts": [whose | one for one in _judged(facts, folded)],
        "transitions": [whose | line._asdict() for line in lines],
        "notices": list(_owed(whose["subject_id"], events[0], lines)) if kind == "account" else [],
    }
    rows = {part: json.loads(json.dumps(rows, default=str).replace(name, "NAME")) for part, rows in found.items()}
    return {part: alike(rows_of) for part, rows_of in rows.items()}


def _placed(event: Mapping[str, Any]) -> Placed:
    placed = placed_event(dict(event))
    return replace(placed, cause=f"event:{placed.cause}#0")


def _event_of(cause: str) -> str:
    return cause.removeprefix("event:").removesuffix("#0")


def _at(facts: Sequence[Placed], cause: str) -> datetime:
    return next(one.occurred_at for one in facts if one.cause == cause)


def _stands(folded: Folded, lines: Sequence[_Line]) -> dict[str, Any]:
    return {
        "status": folded.status,
        "state": folded.state,
        "needs_refetch": folded.needs_refetch,
        "moves": len(lines),
    }


def _judged(facts: Sequence[Placed], folded: Folded) -> Iterator[dict[str, Any]]:
    steps = {step.cause: step for step in folded.steps}
    for one in facts:
        step = steps[one.cause]
        yield {
            "event_id": _event_of(one.cause),
            "verdict": step.verdict,
            "verdict_reason": step.reason,
            "data": to_json(one.fact),
        }


def _owed(account_id: str, event: Mapping[str, Any], lines: Sequence[_Line]) -> Iterator[dict[str, Any]]:
    about = name_of("account", account_id, account=event["account"], livemode=event["livemode"])
    for notice in account_steps(about, account_id, lines):
        yield {
            "cause": notice.key,
            "kind": notice.kind,
            "recipient": notice.recipient,
            "data": notice.data,
            "about": about,
        }
