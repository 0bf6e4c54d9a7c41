"""A transfer as Stripe showed it in one event; before 2017-04-06 a transfer was also what is a payout since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from schemas.probing import Probed, ProbingSchema
from schemas.values import currency, flag, identifier, instant, one_of, reference, text, whole

STATUSES = frozenset({"created", "paid", "partially_reversed", "canceled", "failed", "reversed"})

# What Stripe itself said until version 2017-04-06 took the status away (docs.stripe.com/transfer-payout-split).
_HISTORIC: Mapping[str, str] = {
    "pending": "created",
    "in_transit": "created",
    "paid": "paid",
    "canceled": "canceled",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFact:
    """Amounts in the currency's smallest unit; `status` is read off the amounts, as Stripe states none any more.

    `destination` is the connected account (`acct_…`); of a historic transfer to a bank, the bank account's id.
    """

    kind: ClassVar[str] = "transfer"

    subject_id: str
    status: str
    amount: int
    currency: str
    created: datetime | None = None
    amount_reversed: int = 0
    reversed: bool = False
    destination: str | None = None
    destination_payment: str | None = None
    source_transaction: str | None = None
    transfer_group: str | None = None
    owed_payout_id: str | None = None
    arrival_date: datetime | None = None
    failure_code: str | None = None


class TransferSchema(ProbingSchema[TransferFact]):
    """Strict in what was moved; who receives it Stripe's own types leave open."""

    fact = TransferFact

    subject_id = Probed("id", read=identifier, required=True)
    status = Probed("status", read=one_of(frozenset(_HISTORIC)))
    amount = Probed("amount", read=whole, required=True)
    currency = Probed("currency", read=currency, required=True)
    created = Probed("created", read=instant)
    amount_reversed = Probed("amount_reversed", read=whole, load_default=0)
    reversed = Probed("reversed", read=flag, load_default=False)
    destination = Probed("destination", read=reference)
    destination_payment = Probed("destination_payment", read=reference)
    source_transaction = Probed("source_transaction", read=reference)
    transfer_group = Probed("transfer_group", read=identifier)
    owed_payout_id = Probed("metadata.payout_id", "metadata.payoutId", read=identifier)
    arrival_date = Probed("date", read=instant)
    failure_code = Probed("failure_code", read=text)

    def make(self, values: dict[str, Any]) -> TransferFact:
        historic = _HISTORIC.get(values["status"] or "", "created")
        return super().make(values | {"status": _status(historic, values)})

    def read_part(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Old values are compared with those of facts, so they are told in the same words."""
        part = super().read_part(document)
        if part.get("status") is not None:
            part["status"] = _HISTORIC[part["status"]]
        return part


def _status(historic: str, values: Mapping[str, Any]) -> str:
    if historic in {"canceled", "failed"}:
        return historic
    if values["reversed"] or values["amount_reversed"] >= values["amount"] > 0:
        return "reversed"
    return "partially_reversed" if values["amount_reversed"] > 0 else historic
