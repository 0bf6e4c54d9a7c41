"""A setup intent as Stripe showed it in one event: whether a payment method is on file."""

from dataclasses import dataclass
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import identifier, one_of, reference, text

STATUSES = frozenset(
    {
        "requires_payment_method",
        "requires_confirmation",
        "requires_action",
        "processing",
        "canceled",
        "succeeded",
        # Names before 2019-02-11, when payment methods were sources.
        "requires_source",
        "requires_source_action",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupIntentFact:
    """`customer` is absent where the payment method was saved before anybody was known."""

    kind: ClassVar[str] = "setup_intent"

    subject_id: str
    status: str
    customer: str | None = None
    payment_method: str | None = None
    usage: str | None = None


class SetupIntentSchema(ProbingSchema[SetupIntentFact]):
    """Strict in id and status; Stripe itself leaves customer and payment method open."""

    fact = SetupIntentFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    customer = Probed("customer", read=reference)
    payment_method = Probed("payment_method", read=reference)
    usage = Probed("usage", read=text)
