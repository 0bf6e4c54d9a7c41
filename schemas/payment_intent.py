"""A payment intent as Stripe showed it in one event, the same fact whether its charges were listed or only named."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, identifier, one_of, reference, text, whole

STATUSES = frozenset(
    {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "requires_capture",
        "canceled",
        "succeeded",
        # Names before 2019-02-11, when payment methods were sources.
        "requires_source",
        "requires_source_action",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentIntentFact:
    """Amounts in the currency's smallest unit. Of an error the codes alone: its message may quote a person."""

    kind: ClassVar[str] = "payment_intent"

    subject_id: str
    status: str
    amount: int
    currency: str
    amount_received: int | None = None
    customer: str | None = None
    invoice: str | None = None
    latest_charge: str | None = None
    last_error_code: str | None = None
    last_decline_code: str | None = None


class PaymentIntentSchema(ProbingSchema[PaymentIntentFact]):
    """Strict in id, status and money; a payment may be nobody's, and since basil it names no invoice."""

    fact = PaymentIntentFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    amount = Probed("amount", read=whole, required=True)
    currency = Probed("currency", read=currency, required=True)
    amount_received = Probed("amount_received", read=whole)
    customer = Probed("customer", read=reference)
    invoice = Probed("invoice", read=reference)
    # Where the charges were listed, the newest stood first.
    latest_charge = Probed("latest_charge", "charges.data[].id", read=reference)
    last_error_code = Probed("last_payment_error.code", read=text)
    last_decline_code = Probed("last_payment_error.decline_code", read=text)
