"""A stand-in for Stripe's API, for peers that fetch what an event is about: it makes up what was asked for."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from bench import signed

_CREATED = 1_735_732_800


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """WSGI: GET /v1/<collection>/<id>; what lies below an object is an empty list."""
    answer = _answer(environ["PATH_INFO"])
    body = json.dumps(answer or {"error": {"type": "invalid_request_error", "message": "not made up"}}).encode()
    start_response(
        "200 OK" if answer else "404 Not Found",
        [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
    )
    return [body]


def _answer(path: str) -> dict[str, Any] | None:
    collection, name, *below = [*path.removeprefix("/v1/").split("/"), ""]
    if any(below):
        return {"object": "list", "data": [], "has_more": False, "url": path}
    make = _MAKERS.get(collection)
    return make(name) if make else None


def _subscription(subject: str) -> dict[str, Any]:
    """As it is in the event about it; its number tells its customer's."""
    number = int(subject[-15:])
    fields = signed.Fields(
        event="evt_none",
        subject=subject,
        item=f"si_11{subject[-23:]}",
        customer=f"cus_{number:014d}",
        created=str(_CREATED),
    )
    found: dict[str, Any] = json.loads(signed.body_of(fields))["data"]["object"]
    return found


def _named(kind: str, **fields: Any) -> Callable[[str], dict[str, Any]]:
    return lambda name: {"id": name, "object": kind, "livemode": False, "created": _CREATED, "metadata": {}} | fields


_MAKERS: dict[str, Callable[[str], dict[str, Any]]] = {
    "subscriptions": _subscription,
    "customers": _named("customer", currency="usd", balance=0, delinquent=False, email=None),
    "products": _named("product", name="Therapy", type="service", active=True),
    "payment_methods": _named("payment_method", type="card", card={}, billing_details={}, customer=None),
    "account": _named("account", id="acct_bench", type="standard"),
    "accounts": _named("account", type="standard"),
}
