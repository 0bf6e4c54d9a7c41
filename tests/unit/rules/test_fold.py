"""The fold as a property: state and steps are functions of the set of facts, whatever its order and repetitions."""

import dataclasses
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog
from schemas.facts import KINDS
from shared.rules.fold import RULES, fold, moves
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import facts, placed, statuses

START = datetime(2025, 1, 1, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[Placed]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    types = [known for known in catalog.EVENT_TYPES.values() if known.kind == kind]
    made = []
    for number in range(draw(st.integers(1, 8))):
        known = draw(st.sampled_from(types))
        fact = draw(facts(kind))
        occurred_at = START + timedelta(seconds=draw(st.integers(0, 3)))
        made.append(Placed(cause=f"evt_{number}", type=known.type, rank=known.rank, occurred_at=occurred_at, fact=fact))
    return made


def agreed(orders: Sequence[Sequence[Placed]]) -> Folded:
    results = [fold(order) for order in orders]
    assert all(result == results[0] for result in results)
    return results[0]


@settings(max_examples=400, deadline=None)
@given(history=histories(), data=st.data())
def test_neither_order_nor_repetition_changes_anything(history: list[Placed], data: st.DataObject) -> None:
    repeated = history + data.draw(st.lists(st.sampled_from(history), max_size=4))
    agreed([history, history[::-1], data.draw(st.permutations(repeated))])


def test_of_no_facts_nothing_is_known() -> None:
    assert fold([]) == Folded(None, {}, ())


@settings(max_examples=400, deadline=None)
@given(history=histories())
def test_a_terminal_status_is_never_left_and_every_move_is_legal(history: list[Placed]) -> None:
    folded = fold(history)
    leads_to = RULES[history[0].fact.kind].leads_to
    status = None
    for step in folded.steps:
        assert step.from_status == status
        if step.moved:
            assert status is None or step.to_status in leads_to[status]
            status = step.to_status
    assert (folded.status, folded.state["status"]) == (status, status)


@settings(max_examples=200, deadline=None)
@given(history=histories())
def test_a_twin_of_an_event_under_another_id_changes_no_status(history: list[Placed]) -> None:
    twins = [dataclasses.replace(one, cause=f"{one.cause}_twin") for one in history]
    folded, doubled = fold(history), fold(history + twins)
    assert doubled.state == folded.state
    moves = [(step.from_status, step.to_status) for step in folded.steps if step.moved]
    assert [(step.from_status, step.to_status) for step in doubled.steps if step.moved] == moves


@pytest.mark.parametrize("kind", sorted(RULES))
def test_the_tables_name_every_status_and_no_other(kind: str) -> None:
    rules = RULES[kind]
    assert set(rules.progress) == set(rules.leads_to)
    assert len(rules.progress) == len(set(rules.progress))
    assert all(following <= set(rules.progress) for following in rules.leads_to.values())


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"account"}))  # whose status the rules decide from its fields
def test_a_status_that_a_fact_may_have_is_in_the_tables(kind: str) -> None:
    assert set(statuses(kind)) == set(RULES[kind].progress)


def test_nothing_known_is_no_status() -> None:
    assert fold([]) == Folded(None, {}, ())


def test_a_subscriptions_whole_story_is_the_same_in_every_order() -> None:
    names = [f"basil/customer.subscription.{act}" for act in ("created", "updated", "deleted")]
    story = [placed(name) for name in names]
    folded = agreed([list(order) for order in itertools.permutations(story)])
    assert folded.status == "canceled"
    assert [(step.cause[-4:], step.verdict, step.to_status) for step in folded.steps] == [
        ("0002", Verdict.APPLIED, "active"),
        ("0003", Verdict.APPLIED, "active"),
        ("0006", Verdict.APPLIED, "canceled"),
    ]
    assert [step.moved for step in folded.steps] == [True, False, True]
    assert folded.state["as_of"] == folded.state["status_since"] == story[2].occurred_at.isoformat()


def test_a_fact_that_says_nothing_new_is_told_apart() -> None:
    first = placed("basil/setup_intent.succeeded")
    folded = fold([first, placed("basil/setup_intent.succeeded", id="evt_again", created=1_735_732_800)])
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED, Verdict.REPEATED]
    assert folded.steps[1].reason == "changes nothing"
    assert folded.state["as_of"] == first.occurred_at.isoformat()


def test_each_move_is_told_in_order_and_what_moves_nothing_is_not() -> None:
    told = [placed(f"basil/{name}", id=name) for name in ("payout.paid", "payout.failed")]
    told.append(placed("basil/payout.failed", id="payout.failed.again"))
    steps = fold(told, kind="owed_payout").steps
    assert [(step.cause, here, there) for step, here, there in moves(steps, RULES["owed_payout"])] == [
        ("payout.paid", None, "PROCESSING"),
        ("payout.paid", "PROCESSING", "COMPLETED"),
        ("payout.failed", "COMPLETED", "FAILED"),
    ]


def test_most_kinds_take_every_step_at_once_and_go_on_from_every_state() -> None:
    failed = placed("basil/invoice.payment_failed")
    folded = fold([failed])
    assert [(here, there) for _, here, there in moves(folded.steps, RULES["invoice"])] == [(None, "open")]
    assert RULES["invoice"].goes_on(folded.state, failed)
