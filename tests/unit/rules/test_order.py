"""Facts of one second are told apart by what they say; where nothing tells, Stripe is to be asked."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import catalog
from schemas.facts import to_json
from schemas.subscription import SubscriptionFact
from shared.rules.fold import advance, fold
from shared.rules.history import Folded, Placed
from shared.rules.kinds import RULES

START = datetime(2025, 1, 1, tzinfo=UTC)
CREATED, UPDATED, DELETED = (f"customer.subscription.{act}" for act in ("created", "updated", "deleted"))


def fact(cause: str, *, type: str = UPDATED, second: int = 0, previous: Any = None, **values: Any) -> Placed:  # noqa: A002
    return Placed(
        cause=cause,
        type=type,
        rank=catalog.EVENT_TYPES[type].rank,
        occurred_at=START + timedelta(seconds=second),
        fact=SubscriptionFact(subject_id="sub_1", customer="cus_1", **values),
        previous=previous,
    )


def agreed(facts: list[Placed]) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_an_update_follows_the_one_whose_values_it_names_as_old() -> None:
    folded = agreed(
        [
            fact("created", type=CREATED, status="active"),
            fact("failed", status="past_due", previous={"status": "active"}, second=5),
            fact("paid", status="active", previous={"status": "past_due"}, second=5),
            fact(
                "failed_again", status="past_due", previous={"status": "active", "quantity": None}, second=5, quantity=2
            ),
        ]
    )
    assert [step.cause for step in folded.steps] == ["created", "failed", "paid", "failed_again"]
    assert (folded.status, folded.needs_refetch) == ("past_due", False)


def test_a_chain_back_to_where_it_began_is_told_by_what_was_before() -> None:
    folded = agreed(
        [
            fact("before", type=CREATED, status="past_due"),
            fact("paid", status="active", previous={"status": "past_due"}, second=1),
            fact("failed", status="past_due", previous={"status": "active"}, second=1),
        ]
    )
    assert [step.cause for step in folded.steps] == ["before", "paid", "failed"]
    assert (folded.status, folded.needs_refetch) == ("past_due", False)


def test_two_updates_of_one_second_that_name_nothing_are_to_be_asked_for() -> None:
    folded = agreed([fact("a", status="active", quantity=1), fact("b", status="active", quantity=2)])
    assert folded.needs_refetch


@pytest.mark.parametrize(
    ("one", "two"),
    [
        pytest.param({"status": "active"}, {"status": "active"}, id="both say the same"),
        pytest.param({"type": CREATED, "status": "active"}, {"status": "past_due"}, id="created comes before updated"),
        pytest.param({"status": "incomplete"}, {"status": "active"}, id="only one leads to the other"),
        pytest.param({"status": "past_due"}, {"status": "canceled"}, id="what is final stays"),
        pytest.param({"status": "active"}, {"status": "past_due", "second": 1}, id="one is later"),
        pytest.param({"status": "active"}, {"status": "past_due", "previous": {"status": "active"}}, id="one follows"),
    ],
)
def test_what_the_facts_themselves_settle_need_not_be_asked_for(one: dict[str, Any], two: dict[str, Any]) -> None:
    assert not agreed([fact("a", **one), fact("b", **two)]).needs_refetch


def test_two_events_of_one_change_are_no_change_there_and_back() -> None:
    failed, twin = (fact(name, status="past_due", previous={"status": "active"}, second=1) for name in ("a", "twin"))
    begins, paid = (
        fact("begins", type=CREATED, status="active"),
        fact("paid", status="active", previous={"status": "past_due"}, second=1),
    )
    folded = agreed([begins, failed, twin, paid])
    assert (folded.status, folded.needs_refetch) == ("active", True)
    assert not agreed([begins, failed, twin]).needs_refetch


def test_a_change_there_and_back_twice_among_what_changes_nothing_is_to_be_asked_for() -> None:
    back = {"status": "active", "quantity": 1, "previous": {"quantity": 2}}
    folded = agreed(
        [
            fact("begins", type=CREATED, status="active", quantity=1),
            fact("there", status="active", quantity=2, previous={"quantity": 1}),
            fact("back", **back),
            fact("there again", status="active", quantity=2, previous={"quantity": 1}),
            fact("nothing", status="active", quantity=2, previous={}),
            fact("back again", **back),
        ]
    )
    assert folded.needs_refetch


def test_a_fact_that_is_refused_ends_no_doubt() -> None:
    doubt = [fact("a", status="active", quantity=1), fact("b", status="active", quantity=2)]
    assert agreed([*doubt, fact("c", status="incomplete", second=9)]).needs_refetch


def test_what_is_final_comes_last_in_its_second_whatever_the_chain_says() -> None:
    folded = agreed(
        [
            fact("created", type=CREATED, status="active", cancel_at_period_end=False),
            fact("deleted", type=DELETED, status="canceled", cancel_at_period_end=False, second=5),
            fact(
                "updated",
                status="active",
                cancel_at_period_end=True,
                previous={"cancel_at_period_end": False},
                second=5,
            ),
        ]
    )
    assert [step.cause for step in folded.steps] == ["created", "updated", "deleted"]
    assert [step.verdict for step in folded.steps] == ["applied"] * 3


def test_a_later_fact_makes_an_old_doubt_idle() -> None:
    doubt = [fact("a", status="active", quantity=1), fact("b", status="active", quantity=2)]
    assert not agreed([*doubt, fact("c", status="active", quantity=3, second=9)]).needs_refetch


def test_a_long_second_is_chained_too() -> None:
    begins = fact("begins", type=CREATED, status="active", quantity=0)
    chain = [
        fact(f"to_{number}", status="active", quantity=number, previous={"quantity": number - 1}, second=1)
        for number in range(1, 10)
    ]
    for order in ([*chain, begins], [begins, *reversed(chain)], [*chain[5:], begins, *chain[:5]]):
        folded = fold(order)
        assert [step.cause for step in folded.steps] == ["begins", *(one.cause for one in chain)]
        assert (folded.state["quantity"], folded.needs_refetch) == (9, False)


@st.composite
def lives(draw: st.DrawFn) -> list[Placed]:
    """What Stripe would send of one subscription: a chain of updates, many in the same second, some lost."""
    facts, before, second = [], {"status": "incomplete", "quantity": 1, "cancel_at_period_end": False}, 0
    facts.append(fact("evt_0", type=CREATED, **before))
    for number in range(1, draw(st.integers(2, 6))):
        changes = {
            "status": draw(st.sampled_from(["active", "past_due", "trialing"])),
            "quantity": draw(st.integers(1, 3)),
            "cancel_at_period_end": draw(st.booleans()),
        }
        changed = {name: value for name, value in before.items() if changes[name] != value}
        second += draw(st.sampled_from([0, 0, 1]))
        facts.append(fact(f"evt_{number}", second=second, previous=changed, **changes))
        before = changes
    return facts


@settings(max_examples=600, deadline=None)
@given(life=lives(), data=st.data())
def test_the_true_order_is_found_or_doubt_is_told(life: list[Placed], data: st.DataObject) -> None:
    folded = fold(data.draw(st.permutations(life)))
    newest = to_json(life[-1].fact)
    assert folded.needs_refetch or {name: folded.state[name] for name in ("status", "quantity")} == {
        name: newest[name] for name in ("status", "quantity")
    }


@settings(max_examples=400, deadline=None)
@given(life=lives(), kept=st.data())
def test_going_on_from_a_state_is_the_same_as_folding_all(life: list[Placed], kept: st.DataObject) -> None:
    spread = [fact_at(one, number) for number, one in enumerate(life) if kept.draw(st.booleans())]
    state: Any = {}
    for number, one in enumerate(spread, start=1):
        state, step = advance(state, one, RULES["subscription"])
        folded = fold(spread[:number])
        assert (state, step) == (folded.state, folded.steps[-1])


def fact_at(one: Placed, second: int) -> Placed:
    return Placed(
        cause=one.cause,
        type=one.type,
        rank=one.rank,
        occurred_at=START + timedelta(seconds=second),
        fact=one.fact,
        previous=one.previous,
    )
