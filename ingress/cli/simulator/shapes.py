"""Objects as Stripe shows them: made in the current shape, and shown in that of an older API version."""

from copy import deepcopy
from typing import Any

Thing = dict[str, Any]

CURRENT, OLD = "2026-10-28.endive", "2020-08-27"
_MONTH_SECONDS = 30 * 86_400


def customer(id_: str, *, created: int, **shown: Any) -> Thing:
    return _thing("customer", id_, created, currency="usd", delinquent=False, metadata={}, **shown)


def subscription(id_: str, *, created: int, customer: str, status: str, **shown: Any) -> Thing:
    item = {
        "id": f"si_{id_}",
        "object": "subscription_item",
        "price": {"id": "price_basic", "object": "price", "lookup_key": "basic", "metadata": {}},
        "quantity": 1,
        "current_period_start": created,
        "current_period_end": created + _MONTH_SECONDS,
    }
    fields = {
        "customer": customer,
        "status": status,
        "items": {"object": "list", "data": [item], "has_more": False},
        "cancel_at_period_end": False,
        "cancel_at": None,
        "canceled_at": None,
        "ended_at": None,
        "latest_invoice": None,
        "default_payment_method": None,
        "pause_collection": None,
        "collection_method": "charge_automatically",
        "start_date": created,
        "metadata": {"tier": "basic"},
    }
    return _thing("subscription", id_, created, **fields | shown)


def invoice(id_: str, *, created: int, customer: str, subscription: str, status: str, **shown: Any) -> Thing:
    due = 1900
    fields = {
        "customer": customer,
        "status": status,
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": subscription}},
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "attempt_count": 1,
        "next_payment_attempt": None,
        "amount_due": due,
        "amount_paid": due if status == "paid" else 0,
        "amount_remaining": 0 if status == "paid" else due,
        "total": due,
        "currency": "usd",
        "metadata": {},
    }
    return _thing("invoice", id_, created, **fields | shown)


def payout(id_: str, *, created: int, amount: int, status: str, **shown: Any) -> Thing:
    fields = {
        "amount": amount,
        "currency": "usd",
        "status": status,
        "arrival_date": created + 2 * 86_400,
        "failure_code": None,
        "method": "standard",
        "type": "bank_account",
        "automatic": True,
        "original_payout": None,
        "reversed_by": None,
        "metadata": {},
    }
    return _thing("payout", id_, created, **fields | shown)


def transfer(id_: str, *, created: int, amount: int, destination: str, **shown: Any) -> Thing:
    fields = {"amount": amount, "amount_reversed": 0, "reversed": False, "currency": "usd", "destination": destination}
    return _thing("transfer", id_, created, metadata={}, **fields | shown)


def account(id_: str, *, created: int, enabled: bool, **shown: Any) -> Thing:
    requirements: Thing = {"currently_due": [], "past_due": [], "eventually_due": [], "pending_verification": []}
    fields = {
        "charges_enabled": enabled,
        "payouts_enabled": enabled,
        "details_submitted": enabled,
        "requirements": {**requirements, "disabled_reason": None, "current_deadline": None},
    }
    made = _thing("account", id_, created, metadata={}, **fields | shown)
    del made["livemode"]  # an account is of both modes
    return made


def shown_in(version: str, thing: Thing) -> Thing:
    """As an API version shows it; only what moved with 2025-03-31.basil differs here."""
    if version >= "2025-03-31":
        return thing
    older = deepcopy(thing)
    if older["object"] == "subscription":
        for item in older["items"]["data"]:
            older |= {name: item.pop(name) for name in ("current_period_start", "current_period_end")}
    if older["object"] == "invoice":
        older["subscription"] = older.pop("parent")["subscription_details"]["subscription"]
        older["paid"] = older["status"] == "paid"
    return older


def _thing(kind: str, id_: str, created: int, **fields: Any) -> Thing:
    return {"id": id_, "object": kind, "created": created, "livemode": False, **fields}
