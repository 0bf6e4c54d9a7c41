"""Charges: what was given back, which decides their status here."""

import pytest

from schemas.charge import ChargeFact
from tests.factories.facts import fact


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_charge_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/charge.refunded") == ChargeFact(
        subject_id="ch_3RoWan0004",
        status="partially_refunded",
        amount=1900,
        amount_refunded=900,
        refunded=False,
        currency="usd",
        payment_intent="pi_3RoWan0002",
        customer="cus_RoWan4CareLane",
    )


def test_a_charge_of_2018_needs_no_payment_intent() -> None:
    read = fact("2018/charge.refunded")
    assert isinstance(read, ChargeFact)
    assert (read.status, read.payment_intent) == ("refunded", None)


@pytest.mark.parametrize(
    ("refunded", "amount_refunded", "status"),
    [(False, 0, "none"), (False, 1, "partially_refunded"), (True, 1900, "refunded"), (True, 0, "refunded")],
)
def test_the_refunds_decide_the_status(*, refunded: bool, amount_refunded: int, status: str) -> None:
    changes = {"data.object.refunded": refunded, "data.object.amount_refunded": amount_refunded}
    assert fact("basil/charge.refunded", **changes).status == status
