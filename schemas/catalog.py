"""The one list of event types Carelane acts on; every other type is kept and ignored."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.account import AccountSchema, deauthorized
from schemas.charge import ChargeSchema
from schemas.customer import CustomerSchema
from schemas.dispute import DisputeSchema
from schemas.errors import SchemaError
from schemas.facts import JSON, Fact, value_to_json
from schemas.invoice import InvoiceSchema
from schemas.invoice_payment import InvoicePaymentSchema
from schemas.payment_intent import PaymentIntentSchema
from schemas.payout import PayoutSchema
from schemas.probing import ROOT, ProbingSchema
from schemas.reading import Event
from schemas.setup_intent import SetupIntentSchema
from schemas.subscription import SubscriptionSchema
from schemas.transfer import TransferSchema


@dataclass(frozen=True, slots=True)
class EventType:
    """`rank` orders events of one subject in the same second, where Stripe's `created` cannot.

    `read` stands where the subject is not `data.object` and the fact comes from the whole event.
    """

    type: str
    kind: str
    schema: ProbingSchema[Any]
    rank: int
    read: Callable[[Event], Fact] | None = None


_CUSTOMER = CustomerSchema()
_SUBSCRIPTION = SubscriptionSchema()
_INVOICE = InvoiceSchema()
_INVOICE_PAYMENT = InvoicePaymentSchema()
_SETUP_INTENT = SetupIntentSchema()
_PAYMENT_INTENT = PaymentIntentSchema()
_CHARGE = ChargeSchema()
_DISPUTE = DisputeSchema()
_TRANSFER = TransferSchema()
_PAYOUT = PayoutSchema()
_ACCOUNT = AccountSchema()

EVENT_TYPES: Mapping[str, EventType] = {
    one.type: one
    for one in (
        EventType("customer.created", "customer", _CUSTOMER, 10),
        EventType("customer.updated", "customer", _CUSTOMER, 20),
        EventType("customer.deleted", "customer", _CUSTOMER, 30),
        EventType("customer.subscription.created", "subscription", _SUBSCRIPTION, 10),
        # It announces and changes nothing. Sent "three days before", or at once when a trial is cut short: then the
        # update of that second is the later word.
        EventType("customer.subscription.trial_will_end", "subscription", _SUBSCRIPTION, 15),
        EventType("customer.subscription.updated", "subscription", _SUBSCRIPTION, 20),
        # Each comes with an update that says the same. What was paused and resumed within a second goes on.
        EventType("customer.subscription.paused", "subscription", _SUBSCRIPTION, 22),
        EventType("customer.subscription.resumed", "subscription", _SUBSCRIPTION, 24),
        EventType("customer.subscription.deleted", "subscription", _SUBSCRIPTION, 30),
        EventType("invoice.finalized", "invoice", _INVOICE, 10),
        EventType("invoice.payment_failed", "invoice", _INVOICE, 20),
        # One attempt gives both, and that the person must act says more than that it failed.
        EventType("invoice.payment_action_required", "invoice", _INVOICE, 30),
        # A card refused and another accepted within a second: the payment is what came of it.
        EventType("invoice.payment_succeeded", "invoice", _INVOICE, 40),
        EventType("invoice.paid", "invoice", _INVOICE, 50),
        # Paid and void exclude each other; if both are told, the money is what counts.
        EventType("invoice.voided", "invoice", _INVOICE, 60),
        EventType("invoice_payment.paid", "invoice_payment", _INVOICE_PAYMENT, 10),
        EventType("setup_intent.succeeded", "setup_intent", _SETUP_INTENT, 10),
        EventType("payment_intent.payment_failed", "payment_intent", _PAYMENT_INTENT, 10),
        EventType("payment_intent.succeeded", "payment_intent", _PAYMENT_INTENT, 20),
        EventType("charge.refunded", "charge", _CHARGE, 10),
        EventType("charge.dispute.created", "dispute", _DISPUTE, 10),
        EventType("charge.dispute.closed", "dispute", _DISPUTE, 20),
        # One scale of ranks for both kinds: what the application owes a creator gathers the facts of both.
        EventType("transfer.created", "transfer", _TRANSFER, 10),
        EventType("transfer.updated", "transfer", _TRANSFER, 20),
        # Ended with the split of 2017-04-06; read for old data that is replayed.
        EventType("transfer.paid", "transfer", _TRANSFER, 30),
        EventType("transfer.reversed", "transfer", _TRANSFER, 40),
        EventType("transfer.failed", "transfer", _TRANSFER, 50),
        EventType("payout.created", "payout", _PAYOUT, 10),
        EventType("payout.updated", "payout", _PAYOUT, 20),
        # Paid and failed within a second: "some payouts that fail might initially show as paid".
        EventType("payout.paid", "payout", _PAYOUT, 30),
        EventType("payout.canceled", "payout", _PAYOUT, 40),
        EventType("payout.failed", "payout", _PAYOUT, 50),
        EventType("account.updated", "account", _ACCOUNT, 10),
        # Of an account that has left, Stripe sends nothing more.
        EventType("account.application.deauthorized", "account", _ACCOUNT, 20, deauthorized),
    )
}


# An object as it stood when Stripe was asked for it. In the second of its fetching any event is the later word: its
# change may have come after the look, and what came before it says nothing that the object does not show.
FETCHED: Mapping[str, EventType] = {
    f"fetched.{kind}": EventType(f"fetched.{kind}", kind, schema, 5)
    for kind, schema in {one.kind: one.schema for one in EVENT_TYPES.values()}.items()
}


def handles(event_type: str) -> bool:
    return event_type in EVENT_TYPES or event_type in FETCHED


def known(event_type: str) -> EventType:
    """One that is handled; KeyError for any other."""
    return EVENT_TYPES.get(event_type) or FETCHED[event_type]


def validate(event: Event) -> Fact:
    """The canonical fact of an event we handle; SchemaError with the JSON path of what is missing or misshapen."""
    type_ = known(event.type)
    if event.created is None:
        raise SchemaError("created", "unix seconds are required")
    return type_.read(event) if type_.read else _of_its_object(event, type_)


def _of_its_object(event: Event, type_: EventType) -> Fact:
    if not event.object:
        raise SchemaError(ROOT, "an object is required")
    if event.object.get("object", type_.kind) != type_.kind:
        raise SchemaError(f"{ROOT}.object", f"{type_.kind} is expected for this type")
    fact: Fact = type_.schema.read(event.object)
    return fact


def previous(event: Event) -> dict[str, JSON] | None:
    """What `previous_attributes` says of the fact's own fields; the rest of it is not ours to keep."""
    if event.previous is None:
        return None
    part = known(event.type).schema.read_part(event.previous)
    return {name: value_to_json(value) for name, value in part.items()}
