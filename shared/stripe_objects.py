"""Subjects as Stripe shows them now: where each kind is asked for, one by one or in pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared import stripe_lists
from shared.errors import StripeRefuses
from shared.stripe_api.client import StripeApi
from shared.stripe_api.trouble import garbage

_PATHS: Mapping[str, str] = {
    "customer": "/v1/customers/",
    "subscription": "/v1/subscriptions/",
    "invoice": "/v1/invoices/",
    "invoice_payment": "/v1/invoice_payments/",
    "setup_intent": "/v1/setup_intents/",
    "payment_intent": "/v1/payment_intents/",
    "charge": "/v1/charges/",
    "dispute": "/v1/disputes/",
    "transfer": "/v1/transfers/",
    "payout": "/v1/payouts/",
    "account": "/v1/accounts/",
}
KINDS = frozenset(_PATHS)
# Why an object was not seen: Stripe has it no more or shows it to this key no more; answers with nothing but errors
# about it; was not asked, for its account took its leave.
GONE, UNANSWERED, LEFT = "gone", "unanswered", "left"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which object; `livemode` is None where it is yet to be told by the object itself."""

    kind: str
    subject_id: str
    account: str | None
    livemode: bool | None


@dataclass(frozen=True, slots=True)
class Seen:
    """The object as it stood at `asked_at`; without both, `why_not` tells why."""

    wanted: Wanted
    document: dict[str, Any] | None
    asked_at: datetime | None
    why_not: str = GONE


def fetch(api: StripeApi, wanted: Wanted) -> Seen:
    """Raises StripeAway, and StripeRefuses for whatever else than that there is no such object."""
    # An account is asked for by its platform, all else on the account that it belongs to.
    account = None if wanted.kind == "account" else wanted.account
    try:
        fetched = api.get(_PATHS[wanted.kind] + wanted.subject_id, account=account)
    except StripeRefuses as error:
        if error.code == "stripe_gone":
            return Seen(wanted, None, None)
        raise
    if fetched.document.get("id") != wanted.subject_id:
        raise garbage()
    return Seen(wanted, fetched.document, fetched.asked_at)


def accounts(api: StripeApi, after_id: str | None) -> tuple[list[str], str | None]:
    """A page of the connected accounts, the newest first, and where the next one goes on; none without Connect."""
    try:
        listed = stripe_lists.page(api, "/v1/accounts", after_id=after_id)
    except StripeRefuses:
        return [], None
    return [one["id"] for one in listed.documents], listed.after_id


def subscriptions(api: StripeApi, after_id: str | None) -> tuple[list[Seen], str | None]:
    """A page of all the platform's subscriptions, ended ones too, and where the next one goes on."""
    listed = stripe_lists.page(api, "/v1/subscriptions", after_id=after_id, status="all")
    seen = [
        Seen(Wanted("subscription", one["id"], None, one.get("livemode")), one, listed.asked_at)
        for one in listed.documents
    ]
    return seen, listed.after_id
