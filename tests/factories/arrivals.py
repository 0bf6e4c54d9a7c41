"""Arrivals at the inbox, as the webhook door would make them."""

import itertools
from datetime import UTC, datetime

import orjson

from shared.arrivals import Arrival
from shared.rules import lanes

_numbers = itertools.count(1)


def subscription_event(**changes):
    """A complete event about a subscription in the current shape; keyword arguments change its envelope or object."""
    number = next(_numbers)
    obj = {
        "id": f"sub_{number}",
        "object": "subscription",
        "customer": "cus_1",
        "status": "active",
        "cancel_at_period_end": False,
        "items": {
            "data": [
                {
                    "price": {"id": "price_1"},
                    "quantity": 1,
                    "current_period_start": 1_790_000_000,
                    "current_period_end": 1_792_000_000,
                }
            ]
        },
    } | changes.pop("object", {})
    return {
        "id": f"evt_{number}",
        "object": "event",
        "type": "customer.subscription.created",
        "created": 1_790_000_000,
        "livemode": False,
        "api_version": "2026-10-28.endive",
        "data": {"object": obj},
    } | changes


def arrival(event=None, *, body=None, **changes):
    event = subscription_event() if event is None else event
    obj = event.get("data", {}).get("object", {})
    return Arrival(
        **{
            "event_id": event["id"],
            "type": event["type"],
            "account": event.get("account"),
            "livemode": event.get("livemode"),
            "api_version": event.get("api_version"),
            "occurred_at": datetime.fromtimestamp(event["created"], UTC),
            "object_kind": obj.get("object"),
            "object_id": obj.get("id"),
            "customer_id": obj.get("customer"),
            "body": orjson.dumps(event) if body is None else body,
            "signed_at": datetime(2026, 11, 1, tzinfo=UTC),
            "secret_name": "platform",
            "placement": lanes.place(event["type"], marked_crisis=False, access_critical_types=frozenset()),
        }
        | changes
    )
