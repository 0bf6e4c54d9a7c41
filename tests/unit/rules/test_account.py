"""An account's onboarding, line by line of its table, and what is left of an account that has gone."""

import itertools
from typing import Any

import pytest

from shared.rules.account import RULES
from shared.rules.fold import fold
from shared.rules.history import Folded, Placed
from tests.factories.facts import placed

NOW = 1_740_000_000


def told(after_seconds: int = 0, **changes: Any) -> Placed:
    keys = {f"data.object.{key.replace('__', '.')}": value for key, value in changes.items()}
    return placed("basil/account.updated", id=f"evt_{after_seconds}", created=NOW + after_seconds, **keys)


def left(after_seconds: int = 0) -> Placed:
    return placed("basil/account.application.deauthorized", id=f"evt_left_{after_seconds}", created=NOW + after_seconds)


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


@pytest.mark.parametrize(
    ("changes", "status", "reason"),
    [
        ({}, "completed", "enabled"),
        ({"requirements": None}, "completed", "enabled"),
        ({"charges_enabled": False}, "restricted", "not_enabled"),
        ({"payouts_enabled": False}, "restricted", "not_enabled"),
        ({"details_submitted": False}, "pending", "details_not_submitted"),
        ({"details_submitted": False, "charges_enabled": False}, "pending", "details_not_submitted"),
        (
            {"details_submitted": False, "requirements__disabled_reason": "requirements.past_due"},
            "pending",
            "details_not_submitted",
        ),
        ({"requirements__disabled_reason": "requirements.pending_verification"}, "pending", "verification_pending"),
        ({"requirements__disabled_reason": "requirements.past_due"}, "restricted", "disabled"),
        ({"requirements__past_due": ["external_account"]}, "restricted", "requirements_past_due"),
        ({"requirements__disabled_reason": "under_review"}, "restricted", "disabled"),
        ({"requirements__disabled_reason": "rejected.fraud", "details_submitted": False}, "restricted", "disabled"),
    ],
)
def test_the_documented_fields_decide(changes: dict[str, Any], status: str, reason: str) -> None:
    folded = fold([told(**changes)])
    assert (folded.status, folded.state["onboarding_reason"]) == (status, reason)


def test_an_account_of_2018_is_restricted_for_what_stripe_called_fields_needed() -> None:
    folded = fold([placed("2018/account.updated")])
    assert (folded.status, folded.state["disabled_reason"]) == ("restricted", "requirements.past_due")
    assert folded.state["requirements_count"] == 2


@pytest.mark.parametrize(
    ("due", "past_due", "count"), [(["a", "b"], ["a"], 2), ([], ["a"], 1), ([], [], 0), (None, None, 0)]
)
def test_what_is_due_is_counted_once(due: Any, past_due: Any, count: int) -> None:
    changes = {"requirements__currently_due": due, "requirements__past_due": past_due}
    assert fold([told(**changes)]).state["requirements_count"] == count


def test_stripe_restricts_and_restores() -> None:
    restricted = told(60, requirements__disabled_reason="requirements.past_due")
    folded = in_any_order(told(), restricted, told(120))
    assert [step.to_status for step in folded.steps] == ["completed", "restricted", "completed"]


def test_an_account_that_left_keeps_what_was_known_and_may_do_nothing() -> None:
    folded = in_any_order(told(), left(60))
    assert (folded.status, folded.state["onboarding_reason"]) == ("restricted", "deauthorized")
    assert (folded.state["charges_enabled"], folded.state["payouts_enabled"]) == (False, False)
    assert (folded.state["details_submitted"], folded.state["requirements_count"]) == (True, 1)


def test_of_an_account_first_heard_of_as_it_leaves_nothing_is_known() -> None:
    state = fold([left()]).state
    assert (state["details_submitted"], state["requirements_count"]) == (None, 0)


def test_an_account_may_come_back() -> None:
    assert in_any_order(left(), told(60)).status == "completed"


def test_an_update_of_the_second_in_which_it_left_came_before() -> None:
    assert in_any_order(left(), told()).state["onboarding_reason"] == "deauthorized"


def test_the_table_is_for_accounts_alone() -> None:
    with pytest.raises(TypeError, match="invoice"):
        RULES.status_of(placed("basil/invoice.payment_failed"))
