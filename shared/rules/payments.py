"""How a person's payments stand: how the last one went, and whether there is a way to pay."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Outcome = Literal["succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class Told:
    """A subject of payments, as it now stands."""

    kind: str
    state: Mapping[str, Any]
    latest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Payment:
    status: Outcome
    at: datetime


def last_payment(told: Iterable[Told]) -> Payment | None:
    """The latest that went well or badly; of two at one moment the one that went well, which is the later word."""
    found = [payment for one in told for payment in _payments(one)]
    return max(found, key=lambda one: (one.at, one.status == "succeeded"), default=None)


def has_method(told: Iterable[Told]) -> bool:
    """Stripe keeps what a setup intent set up, and what pays a subscription by default."""
    return any(
        one.state.get("on_file") is True
        if one.kind == "setup_intent"
        else one.kind == "subscription" and one.state.get("default_payment_method") is not None
        for one in told
    )


def _payments(one: Told) -> Iterator[Payment]:
    if one.kind == "invoice":
        at = _moment(one.state.get("last_payment_at"))
        if at is not None and one.state.get("last_payment_status") == "failed":
            yield Payment("failed", at)
        # An invoice of nothing is paid as soon as it is made; it shows nobody's payment.
        elif (
            at is not None and one.state.get("last_payment_status") == "succeeded" and one.state.get("amount_paid") != 0
        ):
            yield Payment("succeeded", at)
    if one.kind == "payment_intent":
        failed_at = _moment(one.state.get("last_failed_at"))
        if failed_at is not None:
            yield Payment("failed", failed_at)
        if one.state.get("status") == "succeeded" and one.latest_at is not None:
            yield Payment("succeeded", one.latest_at)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
