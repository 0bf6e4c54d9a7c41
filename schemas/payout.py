"""A payout as Stripe showed it in one event: money on its way from a Stripe balance to a bank account or card."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, instant, one_of, reference, text, whole

STATUSES = frozenset({"pending", "in_transit", "paid", "canceled", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFact:
    """`amount` in the currency's smallest unit. The connected account is the event's, not in the payout.

    Stripe's `failure_message` and the bank account are left out: neither is promised to be free of personal data.
    """

    kind: ClassVar[str] = "payout"

    subject_id: str
    status: str
    amount: int
    currency: str
    created: datetime | None = None
    arrival_date: datetime | None = None
    failure_code: str | None = None
    method: str | None = None
    destination_type: str | None = None
    automatic: bool | None = None
    original_payout: str | None = None
    reversed_by: str | None = None
    owed_payout_id: str | None = None


class PayoutSchema(ProbingSchema[PayoutFact]):
    """Strict in what was sent and how far it is, tolerant in what a version may lack."""

    fact = PayoutFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(STATUSES), required=True)
    amount = Probed("amount", read=whole, required=True)
    currency = Probed("currency", read=currency, required=True)
    created = Probed("created", read=instant)
    arrival_date = Probed("arrival_date", read=instant)
    failure_code = Probed("failure_code", read=text)
    method = Probed("method", read=text)
    destination_type = Probed("type", read=text)
    automatic = Probed("automatic", read=flag)
    original_payout = Probed("original_payout", read=reference)
    reversed_by = Probed("reversed_by", read=reference)
    owed_payout_id = Probed("metadata.payout_id", "metadata.payoutId", read=identifier)
