"""Signed Stripe deliveries of 3 KB, each with an id and a signature of its own, made before any clock runs."""

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SECRET = "whsec_bench0123456789abcdefghijklmnop"  # noqa: S105 - made up for measuring
PATH = "/api/webhooks/stripe"
_PAYLOAD = Path(__file__).resolve().parents[1] / "tests/payloads/acacia/customer.subscription.updated.json"
_CREATED = 1738411200
_MARKS = {
    "evt_1RoWan20250003": "event",
    "sub_1RoWanCareLane0001": "subject",
    # One item in many subscriptions would be a row that all of a peer's upserts wait for.
    "si_RoWanBasic0001": "item",
    "cus_RoWan4CareLane": "customer",
    str(_CREATED): "created",
}
_MARK = re.compile("|".join(map(re.escape, _MARKS)))


@dataclass(frozen=True, slots=True)
class Fields:
    """What differs from delivery to delivery; every value of a field has the same length."""

    event: str
    subject: str
    item: str
    customer: str
    created: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """`header` is the Stripe-Signature of `body`."""

    fields: Fields
    body: bytes = field(repr=False)
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How many deliveries of what: `subjects` None gives each event a subscription of its own.

    `prefix` (eight characters) parts the ids of one batch from another's; `customer_of` names the customer of the
    subscription with that number, always 18 characters.
    """

    count: int
    secret: str = SECRET
    subjects: int | None = None
    prefix: str = field(default_factory=lambda: secrets.token_hex(4))
    customer_of: Callable[[int], str] = lambda number: f"cus_{number:014d}"


@cache
def template() -> tuple[list[str], list[str]]:
    """The body's unchanging pieces, and the names of the fields between them."""
    document = json.loads(_PAYLOAD.read_text(encoding="utf-8"))
    document["data"]["object"]["created"] = _CREATED - 1
    text = json.dumps(document, separators=(",", ":"))
    return _MARK.split(text), [_MARKS[found] for found in _MARK.findall(text)]


def fields_of(wish: Wish, *, created: int) -> Iterator[Fields]:
    """One for each delivery; the events of one subscription are a second apart, so that their order is known."""
    subjects = wish.subjects or wish.count
    for number in range(wish.count):
        lap, subject = divmod(number, subjects)
        yield Fields(
            event=f"evt_1{wish.prefix}{number:015d}",
            subject=f"sub_1{wish.prefix}{subject:015d}",
            item=f"si_11{wish.prefix}{subject:015d}",
            customer=wish.customer_of(subject),
            created=f"{created + lap:010d}",
        )


def body_of(fields: Fields) -> bytes:
    pieces, names = template()
    parts = [pieces[0]]
    for name, piece in zip(names, pieces[1:], strict=True):
        parts += (getattr(fields, name), piece)
    return "".join(parts).encode()


def signature(body: bytes, *, secret: str, at: int) -> str:
    return hmac.digest(secret.encode(), b"%d." % at + body, hashlib.sha256).hex()


def deliveries(wish: Wish, *, now: Callable[[], float] = time.time) -> Iterator[Delivery]:
    """Signed for this moment: to be sent within Stripe's five minutes."""
    at = int(now())
    for fields in fields_of(wish, created=at - 86_400):
        body = body_of(fields)
        yield Delivery(fields, body, f"t={at},v1={signature(body, secret=wish.secret, at=at)}")
