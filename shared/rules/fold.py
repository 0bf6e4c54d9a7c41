"""A subject's state, computed from its facts: the same for every order of arrival and however often each arrived."""

from collections.abc import Iterable, Iterator, Sequence

from schemas.facts import JSON
from shared.rules.history import Folded, Placed, Rules, State, Step, Verdict
from shared.rules.kinds import RULES
from shared.rules.order import in_true_order

_DATES = frozenset({"as_of", "status_since"})


def fold(placed: Iterable[Placed], *, kind: str | None = None) -> Folded:
    """State of one subject: its kind's own fields, `status`, `status_since`, and `as_of`, the last change.

    `kind` is that of the facts unless the subject gathers facts of others.
    """
    facts = list(placed)
    if not facts:
        return Folded(None, {}, ())
    rules = RULES[kind or facts[0].fact.kind]
    aside = rules.set_aside(facts)
    ordered = in_true_order([one for one in facts if one.cause not in aside], rules)
    others = in_true_order([one for one in facts if one.cause in aside], rules)
    state: State = {}
    steps, doubt = [], False
    for one in _in_time(ordered.facts, others.facts):
        if one.cause in aside:
            steps.append(_aside(state, one, rules, aside[one.cause]))
            continue
        state, step = advance(state, one, rules)
        steps.append(step)
        # A later fact ends the doubt, unless it was refused: then the state still stands on the guess.
        doubt = one.cause in ordered.in_doubt or (doubt and step.verdict is Verdict.CONFLICT)
    status = status_of(state)
    return Folded(status, state, tuple(steps), needs_refetch=doubt and not _is_final(status, rules))


def moves(steps: Iterable[Step], rules: Rules) -> Iterator[tuple[Step, str | None, str]]:
    """Each move of the status with the step that tells it; two of one step where the event of the first was lost."""
    for step in steps:
        here = step.from_status
        for there in rules.through(here, step.to_status) if step.moved else ():
            yield step, here, there
            here = there


def _in_time(ordered: Sequence[Placed], others: Sequence[Placed]) -> list[Placed]:
    """All of them by time; within a second those that were set aside come last, so that they settle nothing."""
    return sorted([*ordered, *others], key=lambda one: one.occurred_at)


def _aside(state: State, one: Placed, rules: Rules, reason: str) -> Step:
    return Step(
        cause=one.cause,
        verdict=Verdict.CONFLICT,
        reason=reason,
        from_status=status_of(state),
        to_status=rules.status_of(one),
    )


def advance(state: State, one: Placed, rules: Rules) -> tuple[State, Step]:
    """The state after one more fact, which is later than all that made it: so folding all and going on are the same.

    Save where `Rules.goes_on` says that the state alone cannot judge it.
    """
    bare = {name: value for name, value in state.items() if name not in _DATES}
    dates: dict[str, JSON] = {name: state[name] for name in _DATES if name in state}
    after, step = _take(bare, one, rules)
    if step.verdict is Verdict.APPLIED:
        dates["as_of"] = one.occurred_at.isoformat()
    if step.moved:
        dates["status_since"] = one.occurred_at.isoformat()
    return {**after, **dates}, step


def _take(state: State, one: Placed, rules: Rules) -> tuple[State, Step]:
    before = status_of(state)
    reached = before if before is not None and rules.keeps_status(one) else rules.status_of(one)
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
    return f"{before} is final" if _is_final(before, rules) else f"{before} does not lead to {reached}"


def _is_final(status: str | None, rules: Rules) -> bool:
    return status is not None and not rules.leads_to[status]


def status_of(state: State) -> str | None:
    status = state.get("status")
    return status if isinstance(status, str) else None
