"""Customers: the same fact from every shape, and from the stub that a deletion may show."""

import pytest

from schemas.customer import CustomerFact
from tests.factories.events import ABSENT
from tests.factories.facts import fact


@pytest.mark.parametrize("shape", ["acacia", "basil"])
def test_a_customer_is_read_whole(shape: str) -> None:
    assert fact(f"{shape}/customer.updated") == CustomerFact(
        subject_id="cus_RoWan4CareLane",
        status="active",
        currency="usd",
        delinquent=False,
        default_payment_method="pm_1RoWanCard0001",
    )


def test_a_customer_of_2018_pays_with_a_source() -> None:
    read = fact("2018/customer.updated")
    assert isinstance(read, CustomerFact)
    assert (read.default_payment_method, read.default_source) == (None, "card_CRoWan2018")
    assert read.delinquent is True


def test_a_source_was_called_a_card_before() -> None:
    changes = {"data.object.default_source": ABSENT, "data.object.default_card": "card_1"}
    read = fact("2018/customer.created", **changes)
    assert isinstance(read, CustomerFact)
    assert read.default_source == "card_1"


def test_a_stub_says_that_the_customer_is_deleted_and_no_more() -> None:
    stub = {"id": "cus_RoWan4CareLane", "object": "customer", "deleted": True}
    assert fact("basil/customer.deleted", **{"data.object": stub}) == CustomerFact(
        subject_id="cus_RoWan4CareLane", status="deleted"
    )
