"""A charge as Stripe showed it in one event, for what was given back of it."""

from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, reference, whole

STATUSES = frozenset({"none", "partially_refunded", "refunded"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFact:
    """Amounts in the currency's smallest unit; `amount_refunded` is the sum of all refunds so far.

    `status` is that of the refunds, not the charge's own.
    """

    kind: ClassVar[str] = "charge"

    subject_id: str
    status: str
    amount: int
    amount_refunded: int
    refunded: bool
    currency: str
    payment_intent: str | None = None
    customer: str | None = None


class ChargeSchema(ProbingSchema[ChargeFact]):
    """Strict in id and money, which every version has; a charge may be nobody's."""

    fact = ChargeFact

    subject_id = Probed("id", read=identifier, required=True)
    amount = Probed("amount", read=whole, required=True)
    amount_refunded = Probed("amount_refunded", read=whole, required=True)
    refunded = Probed("refunded", read=flag, required=True)
    currency = Probed("currency", read=currency, required=True)
    payment_intent = Probed("payment_intent", read=reference)
    customer = Probed("customer", read=reference)

    def make(self, values: dict[str, Any]) -> ChargeFact:
        # `refunded` is true of a full refund only (stripe-python's Charge.refunded).
        partly = "partially_refunded" if values["amount_refunded"] > 0 else "none"
        return super().make({**values, "status": "refunded" if values["refunded"] else partly})
