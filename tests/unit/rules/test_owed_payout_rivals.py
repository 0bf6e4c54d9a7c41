"""Several transfers or payouts that name one registered payout: which of them pays it, in every order."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from shared.rules.owed_payout import PROCESSING, RULES
from tests.factories.facts import placed

NOW = 1_740_000_000
DAY = 86_400


def told(type_: str, after_seconds: int = 0, **changes: Any) -> Placed:
    keys = {f"data.object.{key}": value for key, value in changes.items()}
    return placed(f"basil/{type_}", id=f"evt_{type_}_{after_seconds}", created=NOW + after_seconds, **keys)


def in_any_order(*told_: Placed) -> Folded:
    results = [fold(order, kind="owed_payout") for order in itertools.permutations(told_)]
    assert all(result == results[0] for result in results)
    return results[0]


def moves(folded: Folded) -> list[tuple[str | None, str]]:
    return [(step.from_status, step.to_status) for step in folded.steps if step.moved]


def made(kind: str, id_: str, created: int | None, after_seconds: int, **changes: Any) -> Placed:
    return told(f"{kind}.created", after_seconds, id=id_, created=created, **changes)


@pytest.mark.parametrize("kind", ["transfer", "payout"])
@pytest.mark.parametrize(("created", "pays"), [((NOW, NOW + 1), "one"), ((NOW + 1, NOW), "two"), ((NOW, NOW), "one")])
def test_of_two_that_name_the_same_payout_the_one_made_first_pays_it(
    kind: str, created: tuple[int, int], pays: str
) -> None:
    folded = in_any_order(made(kind, "one", created[0], 10), made(kind, "two", created[1], 20))
    assert folded.state[f"stripe_{kind}_id"] == pays
    [other] = [step for step in folded.steps if step.verdict is Verdict.CONFLICT]
    assert other.reason == f"another {kind}, {pays}, was made first and pays it"
    assert moves(folded) == [(None, PROCESSING)]


def test_where_nothing_tells_when_it_was_made_the_first_word_of_it_does() -> None:
    folded = in_any_order(made("payout", "one", None, 20), made("payout", "two", None, 10))
    assert folded.state["stripe_payout_id"] == "two"


def test_news_of_one_that_does_not_pay_change_nothing_whenever_they_come() -> None:
    other = [told(f"payout.{end}", DAY, id="two", created=NOW) for end in ("paid", "failed")]
    folded = in_any_order(made("payout", "one", NOW - 1, 10), *other)
    assert folded.status == PROCESSING
    assert [(step.from_status, step.verdict) for step in folded.steps[1:]] == [(PROCESSING, Verdict.CONFLICT)] * 2


def test_a_payout_known_only_by_what_takes_it_back_pays_too() -> None:
    back = told("payout.paid", DAY, id="po_back", original_payout="one", created=NOW)
    folded = in_any_order(back, made("payout", "two", NOW + 1, 0))
    assert (folded.state["stripe_payout_id"], folded.state["payout_reversed_by"]) == ("one", "po_back")


def test_the_state_alone_judges_no_first_word_of_another_and_no_jump() -> None:
    one, two = made("payout", "one", NOW, 10), made("payout", "two", NOW, 20)
    state = fold([one], kind="owed_payout").state
    assert RULES.goes_on(state, one)
    assert not RULES.goes_on(state, two)
    assert not RULES.goes_on(state, told("transfer.updated", 20))
    assert [RULES.goes_on({}, first) for first in (one, told("payout.paid"))] == [True, False]
