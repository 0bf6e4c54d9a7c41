"""A dispute as Stripe showed it in one event: how much is contested, until when, and who has won."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, instant, one_of, reference, text, whole

STATUSES = frozenset(
    {
        "warning_needs_response",
        "warning_under_review",
        "warning_closed",
        "needs_response",
        "under_review",
        "lost",
        "won",
        "prevented",  # since 2025-08-27
        # Since 2026-09-30, when a decision could be appealed.
        "appeal_needs_response",
        "appeal_under_review",
        # What `won` was called before 2014-11-20, where the charge had been refunded.
        "charge_refunded",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFact:
    """Amount in the currency's smallest unit. Nothing of the evidence: it is about a person."""

    kind: ClassVar[str] = "dispute"

    subject_id: str
    status: str
    charge: str
    amount: int
    currency: str
    payment_intent: str | None = None
    reason: str | None = None
    evidence_due_by: datetime | None = None
    is_charge_refundable: bool | None = None


class DisputeSchema(ProbingSchema[DisputeFact]):
    """Strict in id, status, charge and money, which every version has."""

    fact = DisputeFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    charge = Probed("charge", read=reference, required=True)
    amount = Probed("amount", read=whole, required=True)
    currency = Probed("currency", read=currency, required=True)
    payment_intent = Probed("payment_intent", read=reference)
    reason = Probed("reason", read=text)
    evidence_due_by = Probed("evidence_details.due_by", "evidence_due_by", read=instant)
    is_charge_refundable = Probed("is_charge_refundable", read=flag)
