"""The life of one payment of an invoice, told in events."""

import pytest

from shared.rules.fold import fold
from shared.rules.history import Placed, Verdict
from tests.factories.facts import placed


def told(status: str, created: int) -> Placed:
    return placed("basil/invoice_payment.paid", id=f"evt_{created}", created=created, **{"data.object.status": status})


def test_a_payment_made_shows_what_it_paid() -> None:
    state = fold([placed("basil/invoice_payment.paid")]).state
    assert (state["status"], state["invoice"], state["amount_paid"]) == ("paid", "in_1RoWanSecond0002", 1900)


@pytest.mark.parametrize("end", ["paid", "canceled"])
def test_an_open_payment_is_made_or_canceled_and_that_is_final(end: str) -> None:
    folded = fold([told(end, 20), told("open", 10), told("open", 30)])
    assert [step.verdict for step in folded.steps] == [Verdict.APPLIED, Verdict.APPLIED, Verdict.CONFLICT]
    assert (folded.status, folded.steps[2].reason) == (end, f"{end} is final")
