"""The door's part of the walk: verify, read, keep, nudge. Each refusal comes before anything dearer is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from ingress.webhook import envelope, signature
from ingress.webhook.metrics import Metrics
from shared.broker import Nudge
from shared.errors import CannotKeep
from shared.inbox import Arrival, Kept
from shared.rules import lanes
from shared.setting_values import WebhookSecret


class Inbox(Protocol):
    def keep(self, arrival: Arrival, *, nudged: bool) -> Kept: ...
    def not_nudged(self, row_id: int) -> None: ...
    def ready(self) -> bool: ...


class Doorbell(Protocol):
    def expects_to_ring(self, urgency: int) -> bool: ...
    def ring(self, nudges: Sequence[Nudge]) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the door works with; `clock` gives Unix seconds."""

    secrets: Sequence[WebhookSecret]
    max_body_bytes: int
    access_critical_types: frozenset[str]
    inbox: Inbox
    doorbell: Doorbell
    metrics: Metrics
    clock: Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A POST as it came; `body` is empty when `too_large` says that it was not kept."""

    encoding: str
    signature: str | None
    body: bytes
    too_large: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is of metrics.KEPT_OUTCOMES or a refusal of answers.STATUS_OF; `event_id` is there when it was kept."""

    code: str
    event_id: str | None = None


def receive(door: Door, delivery: Delivery) -> Outcome:
    """Carry one delivery through, in the contract's order of checks."""
    if delivery.encoding.strip().lower() not in {"", "identity"}:
        return _refuse("UNSUPPORTED_ENCODING")
    if delivery.too_large or len(delivery.body) > door.max_body_bytes:
        return _refuse("BODY_TOO_LARGE")
    with door.metrics.verification_seconds.time():
        verdict = signature.verify(delivery.signature, delivery.body, secrets=door.secrets, now=int(door.clock()))
    if isinstance(verdict, signature.Refused):
        return _refuse(verdict.code)
    try:
        return _keep(door, _arrival(door, delivery.body, verdict))
    except CannotKeep as error:
        _log().warning("an event could not be kept", action="webhook.not_kept", code=error.code)
        return Outcome("PROCESSING_ERROR")


def _arrival(door: Door, body: bytes, verified: signature.Verified) -> Arrival:
    event = envelope.read(body)
    return Arrival(
        event_id=event.id,
        type=event.type,
        account=event.account,
        livemode=event.livemode,
        api_version=event.api_version,
        occurred_at=event.created,
        object_kind=event.object_kind,
        object_id=event.object_id,
        customer_id=event.customer_id,
        body=body,
        signed_at=verified.signed_at,
        secret_name=verified.secret_name,
        placement=lanes.place(
            event.type,
            marked_crisis=event.marked_crisis,
            access_critical_types=door.access_critical_types,
        ),
    )


def _keep(door: Door, arrival: Arrival) -> Outcome:
    expected = door.doorbell.expects_to_ring(arrival.placement.urgency)
    kept = door.inbox.keep(arrival, nudged=expected)
    # Asked again by what the event turned out to be: it may be of a person in danger, whose list is never full. A
    # duplicate is not nudged: its first delivery was, and the relay looks after what nobody took up.
    rings = not kept.duplicate and (expected or door.doorbell.expects_to_ring(kept.urgency))
    if rings and not door.doorbell.ring([Nudge((kept.row_id,), kept.lane, kept.urgency)]) and expected:
        door.inbox.not_nudged(kept.row_id)
    code = _name(arrival, kept)
    tell = _log().warning if code in {"conflict", "unparsable"} else _log().info
    tell(
        "an event was kept" if not kept.duplicate else "an event came again",
        action="webhook.kept",
        outcome=code,
        event_id=arrival.event_id,
        row_id=kept.row_id,
        lane=kept.lane,
        secret_name=arrival.secret_name,
    )
    return Outcome(code, arrival.event_id)


def _name(arrival: Arrival, kept: Kept) -> str:
    if not kept.same_body:
        return "conflict"
    if kept.duplicate:
        return "duplicate"
    return "unparsable" if arrival.type is None else "received"


def _refuse(code: str) -> Outcome:
    _log().warning("a request was refused", action="webhook.refused", code=code)
    return Outcome(code)


def _log() -> structlog.stdlib.BoundLogger:
    log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
    return log
