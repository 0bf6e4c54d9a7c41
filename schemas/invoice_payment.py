"""One payment of an invoice, which since basil is told apart from the invoice it pays."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, instant, one_of, reference, whole

STATUSES = frozenset({"open", "paid", "canceled"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePaymentFact:
    """Amounts in the currency's smallest unit; `charge` only where no payment intent made it."""

    kind: ClassVar[str] = "invoice_payment"

    subject_id: str
    status: str
    invoice: str
    currency: str
    amount_requested: int | None = None
    amount_paid: int | None = None
    payment_intent: str | None = None
    charge: str | None = None
    is_default: bool | None = None
    paid_at: datetime | None = None


class InvoicePaymentSchema(ProbingSchema[InvoicePaymentFact]):
    """Strict in id, status, invoice and currency; what is still open has no amount paid."""

    fact = InvoicePaymentFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    invoice = Probed("invoice", read=reference, required=True)
    currency = Probed("currency", read=currency, required=True)
    amount_requested = Probed("amount_requested", read=whole)
    amount_paid = Probed("amount_paid", read=whole)
    payment_intent = Probed("payment.payment_intent", read=reference)
    charge = Probed("payment.charge", read=reference)
    is_default = Probed("is_default", read=flag)
    paid_at = Probed("status_transitions.paid_at", read=instant)
