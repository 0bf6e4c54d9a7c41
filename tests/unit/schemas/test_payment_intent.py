"""Payment intents: the same fact whether the charges are listed or only the latest is named."""

import pytest

from schemas.payment_intent import PaymentIntentFact
from tests.factories.events import ABSENT
from tests.factories.facts import fact


@pytest.mark.parametrize(("shape", "invoice"), [("acacia", "in_1RoWanSecond0002"), ("basil", None)])
def test_a_failed_payment_is_read_whole(shape: str, invoice: str | None) -> None:
    assert fact(f"{shape}/payment_intent.payment_failed") == PaymentIntentFact(
        subject_id="pi_3RoWan0002",
        status="requires_payment_method",
        amount=1900,
        currency="usd",
        amount_received=0,
        customer="cus_RoWan4CareLane",
        invoice=invoice,
        latest_charge="ch_3RoWan0003",
        last_error_code="card_declined",
        last_decline_code="insufficient_funds",
    )


def test_a_payment_of_2018_names_the_newest_of_its_charges() -> None:
    assert fact("2018/payment_intent.succeeded") == PaymentIntentFact(
        subject_id="pi_CRoWan2018",
        status="succeeded",
        amount=1500,
        currency="usd",
        amount_received=1500,
        customer="cus_CRoWan2018",
        invoice="in_CRoWan2018",
        latest_charge="ch_CRoWan2018",
    )


def test_a_status_of_the_time_of_sources_is_known() -> None:
    assert fact("2018/payment_intent.payment_failed").status == "requires_source"


def test_what_the_bank_said_is_left_where_it_was() -> None:
    message = {"data.object.last_payment_error.message": "Rowan's card was declined."}
    assert "Rowan" not in str(fact("basil/payment_intent.payment_failed", **message))


def test_a_payment_may_be_nobodys_and_its_error_have_no_code() -> None:
    changes = {f"data.object.{key}": None for key in ("customer", "latest_charge", "last_payment_error")}
    read = fact("basil/payment_intent.payment_failed", **changes)
    assert isinstance(read, PaymentIntentFact)
    assert (read.customer, read.latest_charge, read.last_error_code) == (None, None, None)
    coded = fact("basil/payment_intent.payment_failed", **{"data.object.last_payment_error.decline_code": ABSENT})
    assert isinstance(coded, PaymentIntentFact)
    assert (coded.last_error_code, coded.last_decline_code) == ("card_declined", None)
