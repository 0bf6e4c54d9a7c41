"""Facts to JSON and back: they are stored as jsonb, and older ones must be readable after a field is added."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeAlias, Union, get_args, get_type_hints

from schemas.account import AccountFact
from schemas.charge import ChargeFact
from schemas.customer import CustomerFact
from schemas.dispute import DisputeFact
from schemas.invoice import InvoiceFact
from schemas.invoice_payment import InvoicePaymentFact
from schemas.payment_intent import PaymentIntentFact
from schemas.payout import PayoutFact
from schemas.setup_intent import SetupIntentFact
from schemas.subscription import SubscriptionFact
from schemas.transfer import TransferFact

JSON: TypeAlias = Union[str, int, float, bool, list["JSON"], dict[str, "JSON"], None]  # noqa: UP007 - recursive
Fact: TypeAlias = (
    CustomerFact
    | SubscriptionFact
    | InvoiceFact
    | InvoicePaymentFact
    | SetupIntentFact
    | PaymentIntentFact
    | ChargeFact
    | DisputeFact
    | TransferFact
    | PayoutFact
    | AccountFact
)

KINDS: dict[str, type[Fact]] = {fact.kind: fact for fact in get_args(Fact)}


_NAMES = {kind: [field.name for field in fields(fact)] for kind, fact in KINDS.items()}
_HINTS = {kind: get_type_hints(fact) for kind, fact in KINDS.items()}


def to_json(fact: Fact) -> dict[str, JSON]:
    return {name: value_to_json(getattr(fact, name)) for name in _NAMES[fact.kind]}


def value_to_json(value: Any) -> JSON:
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def from_json(kind: str, data: Mapping[str, Any]) -> Fact:
    """The stored fact of this kind; a key no longer known is left aside, one not yet stored takes its default."""
    hints = _HINTS[kind]
    return KINDS[kind](**{name: _value_from_json(data[name], hints[name]) for name in _NAMES[kind] if name in data})


def _value_from_json(value: Any, hint: Any) -> Any:
    if isinstance(value, str) and _allows(hint, (datetime,)):
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value


def _allows(hint: Any, kinds: Iterable[type]) -> bool:
    return any(kind in (hint, *get_args(hint)) for kind in kinds)
