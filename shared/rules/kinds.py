"""The one list of kinds of subjects and the rules each lives by."""

from collections.abc import Mapping

from shared.rules import (
    account,
    charge,
    customer,
    dispute,
    invoice,
    invoice_payment,
    owed_payout,
    payment_intent,
    payout,
    setup_intent,
    subscription,
    transfer,
)
from shared.rules.history import Rules

RULES: Mapping[str, Rules] = {
    "customer": customer.RULES,
    "subscription": subscription.RULES,
    "invoice": invoice.RULES,
    "invoice_payment": invoice_payment.RULES,
    "setup_intent": setup_intent.RULES,
    "payment_intent": payment_intent.RULES,
    "charge": charge.RULES,
    "dispute": dispute.RULES,
    "transfer": transfer.RULES,
    "payout": payout.RULES,
    "account": account.RULES,
    # Gathers the facts of a transfer and a payout; no event is about it by itself.
    "owed_payout": owed_payout.RULES,
}
