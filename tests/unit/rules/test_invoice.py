"""An invoice's life, told in events: a payment once made stands."""

import itertools
from typing import Any

from shared.rules.fold import fold
from shared.rules.history import Folded, Placed, Verdict
from tests.factories.events import ABSENT
from tests.factories.facts import placed

NOW = 1_740_000_000
STATUS = {"failed": "open", "succeeded": "paid"}


def told(act: str, after_seconds: int, **changes: Any) -> Placed:
    """An event `invoice.<act>`; `changes` are keys of the invoice."""
    return placed(
        f"basil/invoice.{act}",
        id=f"evt_{act}_{after_seconds}",
        created=NOW + after_seconds,
        **{f"data.object.{key}": value for key, value in changes.items()},
    )


def tried(outcome: str, after_seconds: int, attempt: int = 1, **changes: Any) -> Placed:
    """A payment that failed or succeeded."""
    return told(
        f"payment_{outcome}", after_seconds, **({"status": STATUS[outcome], "attempt_count": attempt} | changes)
    )


def in_any_order(*facts: Placed) -> Folded:
    results = [fold(order) for order in itertools.permutations(facts)]
    assert all(result == results[0] for result in results)
    return results[0]


def when(placed_: Placed) -> str:
    return placed_.occurred_at.isoformat()


def test_a_card_fails_twice_and_then_pays() -> None:
    first, second, paid = tried("failed", 0), tried("failed", 60, 2), tried("succeeded", 120, 3)
    folded = in_any_order(first, second, paid)
    assert folded.status == "paid"
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED] * 3
    assert (folded.state["last_payment_status"], folded.state["last_payment_at"]) == ("succeeded", when(paid))
    assert (folded.state["first_failed_at"], folded.state["paid_at"]) == (when(first), when(paid))


def test_later_failures_do_not_move_the_first() -> None:
    first, second = tried("failed", 0), tried("failed", 60, 2)
    state = in_any_order(first, second).state
    assert (state["first_failed_at"], state["last_payment_at"]) == (when(first), when(second))
    assert (state["attempt_count"], state["paid_at"]) == (2, None)


def test_a_late_failure_does_not_undo_a_payment() -> None:
    folded = in_any_order(tried("succeeded", 60, 2), tried("failed", 0))
    assert (folded.status, folded.state["last_payment_status"]) == ("paid", "succeeded")


def test_a_failure_dated_after_the_payment_is_a_conflict() -> None:
    paid = tried("succeeded", 0)
    folded = in_any_order(paid, tried("failed", 60))
    assert (folded.status, folded.state) == ("paid", fold([paid]).state)
    assert (folded.steps[1].verdict, folded.steps[1].reason) == (Verdict.CONFLICT, "paid is final")


def test_a_failure_told_of_an_invoice_that_is_paid_changes_nothing() -> None:
    same = {"amount_paid": 1900, "amount_remaining": 0, "next_payment_attempt": None}
    paid, told = tried("succeeded", 0, 2, **same), tried("failed", 60, 2, status="paid", **same)
    folded = in_any_order(paid, told)
    assert folded.steps[1].verdict is Verdict.REPEATED
    assert folded.state["last_payment_at"] == when(paid)


def test_failure_and_payment_in_one_second_are_a_payment() -> None:
    folded = in_any_order(tried("succeeded", 0, 1), tried("failed", 0, 1))
    assert [step.to_status for step in folded.steps] == ["open", "paid"]


def test_a_part_payment_leaves_the_invoice_open_and_is_told() -> None:
    state = fold([tried("succeeded", 0, status="open")]).state
    assert (state["status"], state["last_payment_status"], state["paid_at"]) == ("open", "succeeded", None)


def test_an_event_about_something_else_keeps_what_is_known_of_payments() -> None:
    failed = tried("failed", 0)
    finalized = told("finalized", 60, total=2000)
    state = in_any_order(failed, finalized).state
    assert (state["total"], state["last_payment_at"], state["first_failed_at"]) == (2000, when(failed), when(failed))


def test_one_payment_told_by_two_types_is_one_payment() -> None:
    both = in_any_order(told("paid", 0), told("payment_succeeded", 0))
    assert [step.verdict for step in both.steps] == [Verdict.APPLIED, Verdict.REPEATED]
    assert both.state == fold([told("paid", 0)]).state == fold([told("payment_succeeded", 0)]).state


def test_the_two_types_may_differ_by_a_second_and_the_first_counts() -> None:
    both = in_any_order(told("payment_succeeded", 0), told("paid", 1))
    assert both.state == fold([told("payment_succeeded", 0)]).state


def test_an_invoice_paid_outside_stripe_is_paid_and_stays_marked() -> None:
    outside = placed("acacia/invoice.paid", created=NOW + 60, **{"data.object.paid_out_of_band": True})
    state = in_any_order(tried("failed", 0), outside, told("payment_succeeded", 90)).state
    assert (state["status"], state["last_payment_status"], state["paid_out_of_band"]) == ("paid", "succeeded", True)


def test_a_part_paid_is_not_the_whole() -> None:
    state = fold([told("paid", 0, status="open")]).state
    assert (state["status"], state["last_payment_status"], state["paid_at"]) == ("open", "succeeded", None)


def test_an_attempt_that_waits_for_the_person_says_so_and_keeps_the_failure() -> None:
    failed, asked = tried("failed", 0), told("payment_action_required", 0)
    state = in_any_order(failed, asked).state
    assert (state["last_payment_status"], state["first_failed_at"]) == ("action_required", when(failed))
    assert fold([asked]).state["first_failed_at"] is None
    assert in_any_order(failed, asked, tried("succeeded", 60, 2)).state["last_payment_status"] == "succeeded"


def test_an_invoice_is_finalized_before_anything_is_tried() -> None:
    folded = in_any_order(told("finalized", 0), tried("failed", 0), tried("succeeded", 0, 2))
    assert [step.cause for step in folded.steps] == [
        "evt_finalized_0",
        "evt_payment_failed_0",
        "evt_payment_succeeded_0",
    ]
    assert fold([told("finalized", 0)]).state["last_payment_status"] is None


def test_a_voided_invoice_is_void_and_asks_for_nothing_more() -> None:
    folded = in_any_order(tried("failed", 0), told("voided", 60))
    assert (folded.status, folded.state["next_payment_attempt"], folded.state["paid_at"]) == ("void", None, None)
    assert folded.state["last_payment_status"] == "failed"


def test_an_invoice_voided_before_there_was_a_status_is_void() -> None:
    shown = {"status": ABSENT, "paid": False, "next_payment_attempt": ABSENT}
    folded = fold([tried("failed", 0, next_payment_attempt=NOW + 500), told("voided", 60, **shown)])
    assert (folded.status, folded.state["next_payment_attempt"]) == ("void", None)


def test_of_paid_and_voided_in_one_second_the_money_counts() -> None:
    folded = in_any_order(told("voided", 0), told("paid", 0))
    assert (folded.status, folded.steps[1].reason) == ("paid", "paid is final")
    assert fold([told("voided", 0, status="paid")]).status == "paid"


def test_a_written_off_invoice_may_still_be_paid() -> None:
    folded = in_any_order(tried("failed", 0, status="uncollectible"), tried("succeeded", 60, 2))
    assert folded.status == "paid"


def test_a_void_invoice_is_final() -> None:
    folded = in_any_order(tried("failed", 0, status="void"), tried("succeeded", 60))
    assert folded.steps[1].reason == "void is final"


def test_the_next_try_is_remembered_while_nobody_says_otherwise() -> None:
    first = tried("failed", 0, next_payment_attempt=NOW + 500)
    silent, final = (tried("failed", 60, 2, next_payment_attempt=value) for value in (ABSENT, None))
    assert fold([first, silent]).state["next_payment_attempt"] == fold([first]).state["next_payment_attempt"]
    assert fold([first, final]).state["next_payment_attempt"] is None


def test_a_paid_invoice_has_no_next_try() -> None:
    first = tried("failed", 0, next_payment_attempt=NOW + 500)
    paid = tried("succeeded", 60, 2, next_payment_attempt=ABSENT)
    assert in_any_order(first, paid).state["next_payment_attempt"] is None
    assert "next_payment_attempt_stated" not in fold([first]).state
