"""A person's subscriptions and payments as Stripe has told them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.db import Connection
from shared.errors import NotFound
from shared.moments import iso
from shared.queries import load
from shared.rules.payments import Told, has_method, last_payment

_MOST_READ = 200


def document(conn: Connection, user_id: str) -> dict[str, object]:
    """The body of `GET /api/payment-status/{userId}`. Raises NotFound."""
    row = conn.execute(load("payment_status")["own"], {"user_id": user_id, "most": _MOST_READ}).fetchone()
    if row is None:
        raise NotFound("no person goes by this id")
    subjects: Sequence[Mapping[str, Any]] = row["subjects"]
    told = [Told(one["kind"], one["state"], _moment(one["latest_at"])) for one in subjects]
    last = last_payment(told)
    return {
        "userId": user_id,
        "subscriptions": [_subscription(one) for one in subjects if one["kind"] == "subscription"],
        "lastPayment": None if last is None else {"status": last.status, "at": iso(last.at)},
        "paymentMethodOnFile": has_method(told),
        "asOf": iso(row["read_at"]),
    }


def _subscription(one: Mapping[str, Any]) -> dict[str, object]:
    state = one["state"]
    return {
        "subscriptionId": one["id"],
        "status": one["status"],
        "priceId": state.get("price_id"),
        "cancelAtPeriodEnd": state.get("cancel_at_period_end"),
        "currentPeriodEnd": iso(_moment(state.get("current_period_end"))),
        "trialEnd": iso(_moment(state.get("trial_end"))),
        "endedAt": iso(_moment(state.get("ended_at"))),
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
