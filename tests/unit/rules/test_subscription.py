"""A subscription's life, told in events."""

import itertools
from typing import Any

import pytest

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.facts import placed

NOW = 1_740_000_000


def seen(act: str, status: str, after_seconds: int, **changes: Any) -> Placed:
    paths = {f"data.object.{path}": value for path, value in changes.items()}
    return placed(
        f"basil/customer.subscription.{act}",
        **{"id": f"evt_{act}_{status}_{after_seconds}", "created": NOW + after_seconds, "data.object.status": status},
        **paths,
    )


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def test_an_update_in_the_second_of_its_creation_follows_it() -> None:
    folded = in_any_order(seen("created", "incomplete", 0), seen("updated", "active", 0))
    assert [step.to_status for step in folded.steps] == ["incomplete", "active"]


def test_two_updates_in_one_second_go_the_way_of_progress() -> None:
    folded = in_any_order(seen("updated", "active", 0), seen("updated", "incomplete", 0))
    assert folded.status == "active"
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED, Verdict.APPLIED]


def test_nothing_brings_a_canceled_subscription_back() -> None:
    folded = in_any_order(seen("deleted", "canceled", 0), seen("updated", "active", 5))
    assert folded.status == "canceled"
    assert (folded.steps[1].verdict, folded.steps[1].reason) == (Verdict.CONFLICT, "canceled is final")
    assert (folded.steps[1].from_status, folded.steps[1].to_status) == ("canceled", "active")


def test_an_expired_first_payment_is_final_too() -> None:
    folded = in_any_order(seen("updated", "incomplete_expired", 0), seen("updated", "active", 5))
    assert (folded.status, folded.steps[1].reason) == ("incomplete_expired", "incomplete_expired is final")


def test_a_subscription_that_lived_never_becomes_incomplete() -> None:
    folded = in_any_order(seen("updated", "past_due", 0), seen("created", "incomplete", 5))
    assert (folded.status, folded.steps[1].reason) == ("past_due", "past_due does not lead to incomplete")


def test_a_conflict_leaves_the_whole_state_as_it_was() -> None:
    ended = seen("deleted", "canceled", 0)
    assert fold([ended, seen("updated", "active", 5, quantity=9)]).state == fold([ended]).state


def test_a_canceled_subscription_may_still_be_annotated() -> None:
    folded = in_any_order(
        seen("deleted", "canceled", 0), seen("updated", "canceled", 5, latest_invoice="in_1RoWanLast")
    )
    assert folded.state["latest_invoice"] == "in_1RoWanLast"
    assert folded.steps[1].verdict is Verdict.APPLIED
    assert not folded.steps[1].moved


def test_lost_events_make_jumps_and_jumps_are_legal() -> None:
    folded = in_any_order(
        seen("created", "incomplete", 0),
        seen("updated", "unpaid", 9),
        seen("updated", "trialing", 12),
        seen("updated", "paused", 15),
    )
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED] * 4


def test_a_deletion_ends_it_even_if_the_object_was_rendered_too_early() -> None:
    folded = fold([seen("created", "active", 0), seen("deleted", "active", 5)])
    assert (folded.status, folded.state["status"]) == ("canceled", "canceled")


def test_a_deletion_of_what_never_began_is_no_cancellation() -> None:
    assert fold([seen("deleted", "incomplete_expired", 0)]).status == "incomplete_expired"


def test_a_trial_that_will_end_goes_on() -> None:
    folded = in_any_order(seen("created", "trialing", 0), seen("trial_will_end", "trialing", 60))
    assert (folded.status, folded.steps[1].moved) == ("trialing", False)


def test_a_trial_cut_short_has_ended_whatever_its_announcement_shows() -> None:
    folded = in_any_order(seen("updated", "active", 0), seen("trial_will_end", "trialing", 0))
    assert [step.to_status for step in folded.steps] == ["trialing", "active"]


def test_a_trial_without_a_payment_method_is_paused_and_may_be_resumed() -> None:
    paused = [seen("updated", "paused", 0), seen("paused", "paused", 0)]
    assert in_any_order(*paused).status == "paused"
    folded = in_any_order(*paused, seen("resumed", "active", 60))
    assert [step.to_status for step in folded.steps if step.moved] == ["paused", "active"]


def test_paused_and_resumed_within_a_second_it_goes_on() -> None:
    acts = [("updated", "paused"), ("paused", "paused"), ("updated", "active"), ("resumed", "active")]
    assert in_any_order(*(seen(act, status, 0) for act, status in acts)).status == "active"


def test_a_pause_is_one_even_if_the_object_was_rendered_too_early() -> None:
    assert fold([seen("paused", "trialing", 0)]).status == "paused"
    assert fold([seen("paused", "canceled", 0)]).status == "canceled"


def test_what_a_resumed_subscription_is_its_object_tells() -> None:
    assert fold([seen("paused", "paused", 0), seen("resumed", "past_due", 60)]).status == "past_due"


@pytest.mark.parametrize(
    ("changes", "will_cancel"),
    [({}, False), ({"cancel_at_period_end": True}, True), ({"cancel_at": NOW + 500}, True)],
)
def test_a_cancellation_to_come_is_seen_in_classic_and_flexible_billing(
    changes: dict[str, Any], *, will_cancel: bool
) -> None:
    assert fold([seen("updated", "active", 0, **changes)]).state["will_cancel"] is will_cancel


def test_the_newest_fact_shows_the_subscription() -> None:
    folded = in_any_order(seen("updated", "active", 0, quantity=1), seen("updated", "active", 5, quantity=2))
    assert folded.state["quantity"] == 2
    assert folded.state["price_id"] == "price_1RoWanBasicMonthly"
    assert not {"subject_id", "kind"} & set(folded.state)
