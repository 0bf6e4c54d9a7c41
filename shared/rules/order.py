"""The true order of a subject's facts: by Stripe's `created`, and within one second by what the facts say themselves.

Stripe promises no order of delivery, and `created` counts whole seconds. Two updates of the same second are told apart
by `previous_attributes`: an update follows the fact whose values it names as the old ones (stripe-python's Event.data).
"""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.facts import JSON, to_json
from shared.rules.history import Placed, Rules

# Every order of so many is tried; of more within one second, each time the one that follows best.
_MOST_PERMUTED = 6


@dataclass(frozen=True, slots=True)
class Ordered:
    """`in_doubt` holds the causes of each second in which nothing but chance of our own decided what came last."""

    facts: tuple[Placed, ...]
    in_doubt: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A fact with what its comparisons need, worked out once."""

    placed: Placed
    status: str
    progress: int
    grown: int
    values: Mapping[str, JSON]
    content: str
    previous: str

    @property
    def says(self) -> tuple[int, str, str]:
        return self.placed.rank, self.content, self.previous

    @property
    def key(self) -> tuple[datetime, int, int, int, str, str, str]:
        one = self.placed
        # The last three mean nothing, but everyone finds the same in them: without them arrival would settle a tie.
        return (one.occurred_at, one.rank, self.progress, self.grown, self.content, self.previous, one.cause)


def in_true_order(placed: Iterable[Placed], rules: Rules) -> Ordered:
    """One fact for each cause; the same answer for every order and repetition of the same facts."""
    by_cause: dict[str, _Entry] = {}
    for entry in sorted((_entry(one, rules) for one in placed), key=lambda entry: entry.key):
        by_cause.setdefault(entry.placed.cause, entry)
    ordered: list[_Entry] = []
    in_doubt: set[str] = set()
    for _, second in itertools.groupby(by_cause.values(), key=lambda entry: entry.placed.occurred_at):
        order, is_settled = _within_a_second(list(second), ordered[-1] if ordered else None, rules)
        ordered += order
        in_doubt.update(() if is_settled else (entry.placed.cause for entry in order))
    return Ordered(tuple(entry.placed for entry in ordered), frozenset(in_doubt))


def _entry(one: Placed, rules: Rules) -> _Entry:
    status, values = rules.status_of(one), to_json(one.fact)
    content, previous = json.dumps(values, sort_keys=True), json.dumps(one.previous, sort_keys=True)
    return _Entry(one, status, rules.progress.index(status), rules.grown(one), values, content, previous)


def _within_a_second(second: list[_Entry], before: _Entry | None, rules: Rules) -> tuple[list[_Entry], bool]:
    # Stripe sometimes makes two events of one change. They stand beside each other; as two they would look like a
    # change there and back, and whether they were is not for us to guess.
    twins: dict[tuple[int, str, str], list[_Entry]] = {}
    for entry in second:
        twins.setdefault(entry.says, []).append(entry)
    if len(twins) == 1:
        return second, True
    order, is_settled = _chosen([alike[0] for alike in twins.values()], before, rules)
    if is_settled and len(twins) < len(second):
        is_settled = len(second) <= _MOST_PERMUTED and _ends_the_same(second, order[-1], before, rules)
    return [entry for first in order for entry in twins[first.says]], is_settled


def _ends_the_same(second: Sequence[_Entry], last: _Entry, before: _Entry | None, rules: Rules) -> bool:
    order, is_settled = _chosen(second, before, rules)
    return is_settled and order[-1].content == last.content


def _chosen(facts: Sequence[_Entry], before: _Entry | None, rules: Rules) -> tuple[Sequence[_Entry], bool]:
    return (_best if len(facts) <= _MOST_PERMUTED else _greedy)(facts, before, rules)


def _best(facts: Sequence[_Entry], before: _Entry | None, rules: Rules) -> tuple[Sequence[_Entry], bool]:
    """The order in which most facts follow the one before them, then the one of rank and of legal steps.

    Settled when every order that is as good ends with the same fact.
    """
    scored = [(_score((before, *order), rules), order) for order in itertools.permutations(facts)]
    highest = max(score for score, _ in scored)
    best = [order for score, order in scored if score == highest]
    return best[0], len({order[-1].content for order in best}) == 1


def _greedy(facts: Sequence[_Entry], before: _Entry | None, rules: Rules) -> tuple[Sequence[_Entry], bool]:
    left, order, is_settled = list(facts), [], True
    while left:
        scores = [_score((before, entry), rules) for entry in left]
        is_settled = scores.count(max(scores)) == 1 and (is_settled or len(left) > 1)
        before = left.pop(scores.index(max(scores)))
        order.append(before)
    return order, is_settled


def _score(order: Sequence[_Entry | None], rules: Rules) -> tuple[int, int, int]:
    """First that nothing comes back from what is final, then the chain, then rank and legal steps."""
    pairs = [(a, b) for a, b in itertools.pairwise(order) if a is not None and b is not None]
    revivals = sum(not rules.leads_to[a.status] and a.status != b.status for a, b in pairs)
    return -revivals, sum(_link(a, b) for a, b in pairs), sum(_goes_forward(a, b, rules) for a, b in pairs)


def _link(before: _Entry, entry: _Entry) -> int:
    """2 when the old values that this one names make it the fact before it, 1 when they merely agree with that."""
    old = entry.placed.previous
    if not old:
        return 0
    if before.values == {**entry.values, **old}:
        return 2
    return int(all(name in before.values and before.values[name] == value for name, value in old.items()))


def _goes_forward(before: _Entry, entry: _Entry, rules: Rules) -> int:
    """1 for a step that can only be taken this way, by rank, sum or what may follow, -1 for its reverse, else 0."""
    here, there = (before.placed.rank, before.grown), (entry.placed.rank, entry.grown)
    if here != there:
        return 1 if here < there else -1
    return _legality(before.status, entry.status, rules)


def _legality(here: str, there: str, rules: Rules) -> int:
    return int(there in rules.leads_to[here]) - int(here in rules.leads_to[there])
