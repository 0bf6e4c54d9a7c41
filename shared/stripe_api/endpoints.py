"""The webhook endpoints of a Stripe account: which of them are ours, and what is amiss with those."""

from collections.abc import Mapping
from typing import Any

import stripe

from schemas import catalog
from shared.stripe_api.client import StripeApi

PATH = "/v1/webhook_endpoints"
# In an endpoint's metadata: that Carelane made it, and for whose events.
MARK = "carelane"
_MOST = 100
# Ended with the split of 2017-04-06: Stripe takes no endpoint that asks for them.
_HISTORIC = frozenset({"transfer.paid", "transfer.failed"})


def types_of_endpoint() -> list[str]:
    """Exactly what Carelane acts on; extensions' types are given by hand."""
    return sorted(set(catalog.EVENT_TYPES) - _HISTORIC)


def all_of(api: StripeApi) -> list[dict[str, Any]]:
    """Stripe allows sixteen of them."""
    found: list[dict[str, Any]] = api.get(PATH, limit=_MOST).document["data"]
    return found


def ours(api: StripeApi) -> list[dict[str, Any]]:
    """Those that Carelane made, whatever their URL, less the ones that `roll` replaced."""
    marked = [one for one in all_of(api) if (one.get("metadata") or {}).get(MARK) is not None]
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for one in sorted(marked, key=lambda one: (one["created"], turn_of(one))):
        newest[one["url"], one["metadata"][MARK]] = one
    return list(newest.values())


def turn_of(endpoint: Mapping[str, Any]) -> int:
    """Two may be made within one second."""
    text = (endpoint.get("metadata") or {}).get("turn", "")
    return int(text) if str(text).isdigit() else 0


def amiss(endpoint: Mapping[str, Any]) -> list[str]:
    """What keeps it from telling us all that is acted on; nothing of those that others made."""
    if (endpoint.get("metadata") or {}).get(MARK) is None:
        return []
    asked = set(endpoint["enabled_events"])
    lacking = set() if "*" in asked else set(types_of_endpoint()) - asked
    faults = [f"lacks {', '.join(sorted(lacking))}"] if lacking else []
    if endpoint["status"] != "enabled":
        faults.append("is switched off")
    if endpoint.get("api_version") != stripe.api_version:
        faults.append("is fixed to another API version than this program was made for")
    return faults
