"""A customer as Stripe showed it in one event: whether it is there and what it pays with, nothing personal."""

from dataclasses import dataclass
from typing import Any, ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, reference

STATUSES = frozenset({"active", "deleted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFact:
    """No name, address or e-mail: who the person is, the application knows.

    `default_source` is what pays where no payment method is set, and the only default before payment methods.
    """

    kind: ClassVar[str] = "customer"

    subject_id: str
    status: str
    currency: str | None = None
    delinquent: bool | None = None
    default_payment_method: str | None = None
    default_source: str | None = None


class CustomerSchema(ProbingSchema[CustomerFact]):
    """Strict in the id alone: a deleted customer may be shown as nothing but an id and `deleted`."""

    fact = CustomerFact

    subject_id = Probed("id", read=identifier, required=True)
    currency = Probed("currency", read=currency)
    delinquent = Probed("delinquent", read=flag)
    default_payment_method = Probed("invoice_settings.default_payment_method", read=reference)
    default_source = Probed("default_source", "default_card", read=reference)
    # Read for the status alone; a customer has none of its own.
    deleted = Probed("deleted", read=flag)

    def make(self, values: dict[str, Any]) -> CustomerFact:
        status = "deleted" if values.pop("deleted") else "active"
        return super().make({**values, "status": status})
