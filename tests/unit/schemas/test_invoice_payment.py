"""Payments of an invoice, which are told apart from it since basil."""

from datetime import UTC, datetime

from schemas.invoice_payment import InvoicePaymentFact
from tests.factories.facts import fact

PAID = "basil/invoice_payment.paid"


def test_a_payment_of_an_invoice_is_read_whole() -> None:
    assert fact(PAID) == InvoicePaymentFact(
        subject_id="inpay_1RoWan0001",
        status="paid",
        invoice="in_1RoWanSecond0002",
        currency="usd",
        amount_requested=1900,
        amount_paid=1900,
        payment_intent="pi_3RoWan0002",
        is_default=True,
        paid_at=datetime(2025, 2, 1, 13, 59, 59, tzinfo=UTC),
    )


def test_a_payment_without_an_intent_names_its_charge() -> None:
    read = fact(PAID, **{"data.object.payment": {"type": "charge", "charge": "ch_1"}})
    assert isinstance(read, InvoicePaymentFact)
    assert (read.payment_intent, read.charge) == (None, "ch_1")


def test_what_is_still_open_has_paid_nothing() -> None:
    open_ = {"data.object.status": "open", "data.object.amount_paid": None, "data.object.status_transitions": None}
    read = fact(PAID, **open_)
    assert isinstance(read, InvoicePaymentFact)
    assert (read.status, read.amount_paid, read.paid_at) == ("open", None, None)
