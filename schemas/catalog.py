"""The one list of event types Carelane acts on; every other type is kept and ignored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import SchemaError
from schemas.facts import JSON, Fact, value_to_json
from schemas.invoice import InvoiceSchema
from schemas.probing import ROOT, ProbingSchema
from schemas.reading import Event
from schemas.setup_intent import SetupIntentSchema
from schemas.subscription import SubscriptionSchema


@dataclass(frozen=True, slots=True)
class EventType:
    """`rank` orders events of one subject in the same second, where Stripe's `created` cannot."""

    type: str
    kind: str
    schema: ProbingSchema[Any]
    rank: int


_SUBSCRIPTION = SubscriptionSchema()
_INVOICE = InvoiceSchema()
_SETUP_INTENT = SetupIntentSchema()

EVENT_TYPES: Mapping[str, EventType] = {
    known.type: known
    for known in (
        EventType("customer.subscription.created", "subscription", _SUBSCRIPTION, 10),
        EventType("customer.subscription.updated", "subscription", _SUBSCRIPTION, 20),
        EventType("customer.subscription.deleted", "subscription", _SUBSCRIPTION, 30),
        EventType("invoice.payment_failed", "invoice", _INVOICE, 10),
        # A card refused and another accepted within a second: the payment is what came of it.
        EventType("invoice.payment_succeeded", "invoice", _INVOICE, 20),
        EventType("setup_intent.succeeded", "setup_intent", _SETUP_INTENT, 10),
    )
}


def handles(event_type: str) -> bool:
    return event_type in EVENT_TYPES


def validate(event: Event) -> Fact:
    """The canonical fact of an event we handle; SchemaError with the JSON path of what is missing or misshapen."""
    known = EVENT_TYPES[event.type]
    if event.created is None:
        raise SchemaError("created", "unix seconds are required")
    if not event.object:
        raise SchemaError(ROOT, "an object is required")
    if event.object.get("object", known.kind) != known.kind:
        raise SchemaError(f"{ROOT}.object", f"{known.kind} is expected for this type")
    fact: Fact = known.schema.read(event.object)
    return fact


def previous(event: Event) -> dict[str, JSON] | None:
    """What `previous_attributes` says of the fact's own fields; the rest of it is not ours to keep."""
    if event.previous is None:
        return None
    part = EVENT_TYPES[event.type].schema.read_part(event.previous)
    return {name: value_to_json(value) for name, value in part.items()}
