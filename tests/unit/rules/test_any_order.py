"""The truth in any order, of every kind of subject: thousands of histories, every order of the short ones.

Examples of the same stand in test_order.py and test_fold.py.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random

import pytest

from schemas import catalog
from shared.rules.fold import advance, fold, status_of
from shared.rules.history import Folded, Placed, Verdict
from shared.rules.kinds import RULES
from tests.factories import recorded
from tests.factories.histories import FEWEST, HISTORIES, LONGEST, SEED, again, history, spread

SHARE = math.ceil(HISTORIES / len(RULES))
_ALL_ORDERS_UP_TO = 5
_ORDERS_OF_MORE = 5


def orders(facts: Sequence[Placed], random: Random) -> Iterator[Sequence[Placed]]:
    if len(facts) <= _ALL_ORDERS_UP_TO:
        yield from itertools.permutations(facts)
    else:
        yield facts[::-1]
        yield from (random.sample(facts, len(facts)) for _ in range(_ORDERS_OF_MORE - 1))


def check(facts: Sequence[Placed], kind: str, random: Random) -> None:
    folded = fold(facts, kind=kind)
    for order in orders(facts, random):
        assert fold(order, kind=kind) == folded, "another order tells another story"
    check_steps(facts, folded, kind)
    check_going_on(facts, folded, kind)


def check_steps(facts: Sequence[Placed], folded: Folded, kind: str) -> None:
    assert sorted(step.cause for step in folded.steps) == sorted({one.cause for one in facts}), "a step for each cause"
    leads_to, status = RULES[kind].leads_to, None
    for step in folded.steps:
        assert step.from_status == status, "a step that begins elsewhere"
        if step.moved:
            assert status is None or step.to_status in leads_to[status], "an illegal move"
            status = step.to_status
    assert folded.status == folded.state["status"] == status, "a state that its steps do not lead to"


def check_going_on(facts: Sequence[Placed], folded: Folded, kind: str) -> None:
    """What comes in order may go on from the state: so the worker does, without reading the history again."""
    going: Folded = Folded(None, {}, ())
    apart = spread(list({one.cause: one for one in facts}.values()))
    for number, one in enumerate(apart):
        going = go_on(going, one, kind) if goes_on(going, one, kind) else fold(apart[: number + 1], kind=kind)
    assert going == fold(apart, kind=kind), "going on from fact to fact differs from folding all"
    newest = max(one.occurred_at for one in facts)
    later = dataclasses.replace(facts[-1], cause="evt_later", occurred_at=newest + timedelta(seconds=1))
    if goes_on(folded, later, kind):
        assert go_on(folded, later, kind) == fold([*facts, later], kind=kind), "going on after ties differs"


def goes_on(folded: Folded, one: Placed, kind: str) -> bool:
    return RULES[kind].goes_on(folded.state, one)


def go_on(folded: Folded, one: Placed, kind: str) -> Folded:
    state, step = advance(folded.state, one, RULES[kind])
    doubt = folded.needs_refetch and step.verdict is Verdict.CONFLICT
    return Folded(status_of(state), state, (*folded.steps, step), needs_refetch=doubt)


def fault(facts: Sequence[Placed], kind: str, seed: str) -> AssertionError | None:
    try:
        check(facts, kind, Random(seed))
    except AssertionError as error:
        return error
    return None


def smallest(facts: list[Placed], kind: str, seed: str) -> list[Placed]:
    """What is left when no fact can be taken away without the fault going with it."""
    for at in range(len(facts)):
        fewer = facts[:at] + facts[at + 1 :]
        if fewer and fault(fewer, kind, seed):
            return smallest(fewer, kind, seed)
    return facts


@pytest.mark.timeout(120 + SHARE)
@pytest.mark.parametrize("kind", sorted(RULES))
def test_every_order_of_a_history_tells_one_story_of_legal_steps(kind: str) -> None:
    told: set[str] = set()
    for number in range(2 * SHARE):
        seed = f"{SEED}:{kind}:{number}"
        facts = history(kind, Random(seed))
        if found := fault(facts, kind, seed):
            least = "\n".join(map(str, smallest(facts, kind, seed)))
            pytest.fail(f"{found}\n{again(number)}\n{least}")
        told.add(str(facts))
        if len(told) == SHARE:
            break
    assert len(told) == SHARE


def test_as_many_different_histories_are_told_as_was_promised() -> None:
    assert SHARE * len(RULES) >= HISTORIES >= FEWEST


@pytest.mark.parametrize("kind", sorted(RULES))
def test_the_histories_hold_what_goes_wrong_on_the_way(kind: str) -> None:
    drawn = [history(kind, Random(f"{kind}:{number}")) for number in range(150)]
    assert {len(facts) for facts in drawn} == set(range(1, LONGEST + 1))
    causes = [[one.cause for one in facts] for facts in drawn]
    assert any(len(set(one)) < len(one) for one in causes), "the same event twice"
    assert any("_twin" in "".join(one) for one in causes), "two events of one change"
    assert any(f"evt_{len(one)}" in one for one in causes), "a fact that was lost"
    assert any(len({one.occurred_at for one in facts}) < len(facts) for facts in drawn), "two of the same second"
    types = {one.type for facts in drawn for one in facts}
    assert types == {one.type for one in catalog.EVENT_TYPES.values() if one.kind in kinds_of_facts(kind)}
    updates = [one for facts in drawn for one in facts if one.type.endswith(".updated")]
    assert any(one.previous for one in updates) is any(type_.endswith(".updated") for type_ in types)


@recorded.needed
def test_real_payloads_of_one_subject_tell_one_story_in_every_order() -> None:
    several = [facts for facts in recorded.histories().values() if len(facts) > 1]
    assert several
    for facts in several:
        check(facts, facts[0].fact.kind, Random(SEED))


def kinds_of_facts(kind: str) -> set[str]:
    return {"transfer", "payout"} if kind == "owed_payout" else {kind}
