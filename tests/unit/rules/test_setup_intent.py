"""A setup intent's life."""

from shared.rules.fold import fold
from tests.factories.facts import placed

NAME = "basil/setup_intent.succeeded"


def test_a_setup_that_succeeded_leaves_a_payment_method_on_file() -> None:
    state = fold([placed(NAME)]).state
    assert (state["status"], state["on_file"], state["payment_method"]) == ("succeeded", True, "pm_1RoWanCard0001")


def test_a_setup_that_waits_leaves_none() -> None:
    assert fold([placed(NAME, **{"data.object.status": "requires_action"})]).state["on_file"] is False


def test_a_success_is_final() -> None:
    late = placed(NAME, **{"id": "evt_late", "created": 1_740_000_000, "data.object.status": "requires_action"})
    folded = fold([late, placed(NAME)])
    assert (folded.status, folded.steps[1].reason) == ("succeeded", "succeeded is final")


def test_a_declined_setup_may_be_tried_again() -> None:
    again = {"id": "evt_again", "created": 1_740_000_000}
    waiting = placed(NAME, **{"data.object.status": "processing"})
    assert fold([waiting, placed(NAME, **again, **{"data.object.status": "requires_payment_method"})]).steps[1].moved
    assert fold([waiting, placed(NAME, **again)]).status == "succeeded"
