"""A subject's state, computed from its facts: the same for every order of arrival and however often each arrived."""

import json
from collections.abc import Iterable
from datetime import datetime

from schemas.facts import JSON, to_json
from shared.rules.history import Folded, Placed, Rules, State, Step, Verdict
from shared.rules.kinds import RULES


def fold(placed: Iterable[Placed]) -> Folded:
    """State of one subject: its kind's own fields, `status`, `status_since`, and `as_of`, the last change."""
    state: State = {}
    dates: dict[str, JSON] = {}
    steps = []
    for one in _in_true_order(placed):
        after, step = _take(state, one)
        if step.verdict is Verdict.APPLIED:
            state, dates["as_of"] = after, one.occurred_at.isoformat()
        if step.moved:
            dates["status_since"] = one.occurred_at.isoformat()
        steps.append(step)
    return Folded(_status(state), {**state, **dates}, tuple(steps))


def _in_true_order(placed: Iterable[Placed]) -> list[Placed]:
    by_cause: dict[str, Placed] = {}
    for one in sorted(placed, key=_place):
        by_cause.setdefault(one.cause, one)
    return list(by_cause.values())


def _place(one: Placed) -> tuple[datetime, int, int, str, str]:
    rules = RULES[one.fact.kind]
    progress = rules.progress.index(rules.status_of(one))
    # The last two mean nothing, but everyone finds the same in them: without them arrival would settle a tie.
    return (one.occurred_at, one.rank, progress, json.dumps(to_json(one.fact), sort_keys=True), one.cause)


def _take(state: State, one: Placed) -> tuple[State, Step]:
    rules = RULES[one.fact.kind]
    before, reached = _status(state), rules.status_of(one)
    refusal = _refusal(rules, before, reached)
    after = state if refusal else {**rules.advance(state, one), "status": reached}
    unchanged = "changes nothing" if after == state else None
    return after, Step(
        cause=one.cause,
        verdict=Verdict.CONFLICT if refusal else Verdict.REPEATED if unchanged else Verdict.APPLIED,
        reason=refusal or unchanged,
        from_status=before,
        to_status=reached,
    )


def _refusal(rules: Rules, before: str | None, reached: str) -> str | None:
    if before is None or before == reached or reached in rules.leads_to[before]:
        return None
    return f"{before} does not lead to {reached}" if rules.leads_to[before] else f"{before} is final"


def _status(state: State) -> str | None:
    status = state.get("status")
    return status if isinstance(status, str) else None
