"""An invoice as Stripe showed it in one event, the same fact from every payload shape since 2018."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from schemas.errors import SchemaError
from schemas.probing import ROOT, Probed, ProbingSchema
from schemas.values import currency, flag, identifier, instant, is_stated, one_of, reference, text, whole

STATUSES = frozenset({"draft", "open", "paid", "uncollectible", "void"})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFact:
    """Amounts in the currency's smallest unit.

    `next_payment_attempt` None means "no further try" only where `next_payment_attempt_stated`; many of Stripe's
    answers leave the key out, which says nothing.
    """

    kind: ClassVar[str] = "invoice"

    subject_id: str
    status: str
    customer: str | None = None
    subscription: str | None = None
    billing_reason: str | None = None
    collection_method: str | None = None
    attempt_count: int | None = None
    next_payment_attempt: datetime | None = None
    next_payment_attempt_stated: bool = False
    amount_due: int | None = None
    amount_paid: int | None = None
    amount_remaining: int | None = None
    total: int | None = None
    currency: str | None = None
    paid_out_of_band: bool | None = None


class InvoiceSchema(ProbingSchema[InvoiceFact]):
    """Strict in what the rules stand on (id, status, customer), tolerant in what a version may lack."""

    fact = InvoiceFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES))
    customer = Probed("customer", read=reference, required=True)
    subscription = Probed("subscription", "parent.subscription_details.subscription", read=reference)
    billing_reason = Probed("billing_reason", read=text)
    collection_method = Probed("collection_method", "billing", read=text)
    attempt_count = Probed("attempt_count", read=whole)
    next_payment_attempt = Probed("next_payment_attempt", read=instant)
    next_payment_attempt_stated = Probed("next_payment_attempt", read=is_stated, reads_null=True, load_default=False)
    amount_due = Probed("amount_due", read=whole)
    amount_paid = Probed("amount_paid", read=whole)
    amount_remaining = Probed("amount_remaining", read=whole)
    total = Probed("total", read=whole)
    currency = Probed("currency", read=currency)
    paid_out_of_band = Probed("paid_out_of_band", read=flag)
    # Read for the status alone, which invoices had not before November 2018.
    paid = Probed("paid", read=flag)
    forgiven = Probed("forgiven", read=flag)

    def make(self, values: dict[str, Any]) -> InvoiceFact:
        paid, forgiven = values.pop("paid"), values.pop("forgiven")
        if values["status"] is None:
            values["status"] = _status_before_2018_11(paid=paid, forgiven=forgiven)
        return super().make(values)


def _status_before_2018_11(*, paid: bool | None, forgiven: bool | None) -> str:
    if paid is None:
        raise SchemaError(f"{ROOT}.status", "is required")
    if paid:
        return "paid"
    return "uncollectible" if forgiven else "open"
