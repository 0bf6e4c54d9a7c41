"""The true order of a subject's facts: by Stripe's `created`, and within one second by what the facts say themselves.

Stripe promises no order of delivery, and `created` counts whole seconds. Two updates of the same second are told apart
by `previous_attributes`: an update follows the fact whose values it names as the old ones (stripe-python's Event.data).
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.facts import to_json
from shared.rules.history import Placed, Rules

# Every order of so many is tried; of more within one second, each time the one that follows best.
_MOST_PERMUTED = 6


@dataclass(frozen=True, slots=True)
class Ordered:
    """`is_settled`: nothing but chance of our own decided between the facts that came last."""

    facts: tuple[Placed, ...]
    is_settled: bool


def in_true_order(placed: Iterable[Placed], rules: Rules) -> Ordered:
    """One fact for each cause; the same answer for every order and repetition of the same facts."""
    by_cause: dict[str, Placed] = {}
    for one in sorted(placed, key=lambda one: _key(one, rules)):
        by_cause.setdefault(one.cause, one)
    facts: list[Placed] = []
    is_settled = True
    for _, second in itertools.groupby(by_cause.values(), key=lambda one: one.occurred_at):
        order, is_settled = _within_a_second(list(second), facts[-1] if facts else None, rules)
        facts += order
    return Ordered(tuple(facts), is_settled)


def _key(one: Placed, rules: Rules) -> tuple[datetime, int, int, str, str, str]:
    progress = rules.progress.index(rules.status_of(one))
    # The last three mean nothing, but everyone finds the same in them: without them arrival would settle a tie.
    return (one.occurred_at, one.rank, progress, _content(one), json.dumps(one.previous, sort_keys=True), one.cause)


def _content(one: Placed) -> str:
    return json.dumps(to_json(one.fact), sort_keys=True)


def _within_a_second(second: list[Placed], before: Placed | None, rules: Rules) -> tuple[list[Placed], bool]:
    if len(second) == 1:
        return second, True
    # Stripe sometimes makes two events of one change. They stand beside each other; as two they would look like a
    # change there and back, and whether they were is not for us to guess.
    twins: dict[tuple[int, str, str], list[Placed]] = {}
    for one in second:
        twins.setdefault((one.rank, _content(one), json.dumps(one.previous, sort_keys=True)), []).append(one)
    order, is_settled = _chosen([alike[0] for alike in twins.values()], before, rules)
    if len(twins) < len(second):
        as_two, _ = _chosen(second, before, rules)
        is_settled = is_settled and _content(as_two[-1]) == _content(order[-1])
    alike_of = {alike[0].cause: alike for alike in twins.values()}
    return [one for first in order for one in alike_of[first.cause]], is_settled


def _chosen(facts: Sequence[Placed], before: Placed | None, rules: Rules) -> tuple[Sequence[Placed], bool]:
    return (_best if len(facts) <= _MOST_PERMUTED else _greedy)(facts, before, rules)


def _best(singles: Sequence[Placed], before: Placed | None, rules: Rules) -> tuple[Sequence[Placed], bool]:
    """The order in which most facts follow the one before them, then the one of rank and of legal steps.

    Settled when every order that is as good ends with the same fact.
    """
    scored = [(_score((before, *order), rules), order) for order in itertools.permutations(singles)]
    highest = max(score for score, _ in scored)
    best = [order for score, order in scored if score == highest]
    return best[0], len({_content(order[-1]) for order in best}) == 1


def _greedy(singles: Sequence[Placed], before: Placed | None, rules: Rules) -> tuple[Sequence[Placed], bool]:
    left, order, is_settled = list(singles), [], True
    while left:
        scores = [_score((before, one), rules) for one in left]
        is_settled = scores.count(max(scores)) == 1 and (is_settled or len(left) > 1)
        before = left.pop(scores.index(max(scores)))
        order.append(before)
    return order, is_settled


def _score(order: Sequence[Placed | None], rules: Rules) -> tuple[int, int]:
    pairs = [(a, b) for a, b in itertools.pairwise(order) if a is not None and b is not None]
    return sum(_link(a, b) for a, b in pairs), sum(_goes_forward(a, b, rules) for a, b in pairs)


def _link(before: Placed, one: Placed) -> int:
    """2 when the old values that this one names make it the fact before it, 1 when they merely agree with that."""
    if not one.previous:
        return 0
    shown = to_json(before.fact)
    if shown == {**to_json(one.fact), **one.previous}:
        return 2
    return int(all(name in shown and shown[name] == value for name, value in one.previous.items()))


def _goes_forward(before: Placed, one: Placed, rules: Rules) -> int:
    """1 for a step that can only be taken this way, by rank or by what may follow what, -1 for its reverse, else 0."""
    if before.rank != one.rank:
        return 1 if before.rank < one.rank else -1
    here, there = rules.status_of(before), rules.status_of(one)
    return int(there in rules.leads_to[here]) - int(here in rules.leads_to[there])
