"""The door's part of the walk: verify, read, keep, nudge, answer. Each refusal comes before anything dearer is done."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import perf_counter

import structlog

from ingress.origin import Peer
from ingress.webhook import signature
from ingress.webhook.armour import Armour
from ingress.webhook.committer import Keeper, Waiting
from ingress.webhook.metrics import Metrics
from ingress.webhook.on_loop import OnLoop
from shared import arrivals, trace_ids, tracing
from shared.arrivals import Arrival, Kept
from shared.errors import CannotKeep
from shared.inbox import Outcome as Told
from shared.setting_values import WebhookSecret

# What is as it should be is told at level DEBUG only: a line costs as much as checking and reading the event.
_UNUSUAL = {"conflict", "unparsable"}
_quiet_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the door works with; `clock` gives Unix seconds, `ready` whether an event could be kept now."""

    secrets: Sequence[WebhookSecret]
    max_body_bytes: int
    access_critical_types: frozenset[str]
    keeper: Keeper
    ready: Callable[[], bool]
    metrics: Metrics
    clock: Callable[[], float]
    answer_seconds: float = 5.0
    armour: Armour = field(default_factory=Armour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A POST as it came; `body` is empty when `too_large` says that it was not kept. `began`: when it was read."""

    encoding: str
    signature: str | None
    body: bytes
    too_large: bool
    peer: Peer
    began: float = field(default_factory=perf_counter)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is of metrics.KEPT_OUTCOMES or a refusal of answers.STATUS_OF; `event_id` is there when it was kept."""

    code: str
    event_id: str | None = None


def receive(door: Door, delivery: Delivery) -> Outcome:
    """Carry one delivery through, in the contract's order of checks; it is awaited in this thread."""
    admitted = admit(door, delivery)
    if isinstance(admitted, Outcome):
        return admitted
    told: SimpleQueue[Told] = SimpleQueue()
    door.keeper.submit([Waiting(admitted, told.put)])
    try:
        return _conclude(door, delivery, admitted, told.get(timeout=door.answer_seconds))
    except Empty:
        return _not_kept("no_answer_in_time", admitted)


async def keep_on_loop(door: Door, delivery: Delivery, admitted: Arrival, on_loop: OnLoop) -> Outcome:
    """What was admitted, awaited on the event loop: no thread is held, and none has to be woken."""
    try:
        return _conclude(door, delivery, admitted, await on_loop.keep(admitted))
    except TimeoutError:
        return _not_kept("no_answer_in_time", admitted)


def admit(door: Door, delivery: Delivery) -> Arrival | Outcome:
    """Verify, and read; or refuse. A signature is judged before any count of what came from the same source."""
    if delivery.encoding.strip().lower() not in {"", "identity"}:
        return _refuse(door, delivery, "UNSUPPORTED_ENCODING")
    if delivery.too_large or len(delivery.body) > door.max_body_bytes:
        return _refuse(door, delivery, "BODY_TOO_LARGE")
    began = perf_counter()
    verdict = signature.verify(delivery.signature, delivery.body, secrets=door.secrets, now=int(door.clock()))
    door.metrics.verification_seconds.observe(perf_counter() - began)
    if isinstance(verdict, signature.Refused):
        return _refuse(door, delivery, verdict.code)
    if barred := door.armour.admit(delivery.peer, door.metrics):
        return _tell_refused(barred)
    return arrivals.read(
        delivery.body,
        access_critical_types=door.access_critical_types,
        signed_at=verdict.signed_at,
        secret_name=verdict.secret_name,
    )


def _conclude(door: Door, delivery: Delivery, arrival: Arrival, told: Told) -> Outcome:
    """What the answer says of a keeping; a quiet one is told with its group."""
    if isinstance(told, CannotKeep):
        return _not_kept(told.code, arrival)
    if door.armour.is_exempted(delivery.peer):
        door.metrics.exemption(told.lane)
    code = _name(arrival, told)
    if tracing.is_on():
        _trace(arrival, told, code, seconds=perf_counter() - delivery.began)
    if code in _UNUSUAL:
        _tell(_log().warning, arrival, told, code)
    elif _quiet_log.isEnabledFor(logging.DEBUG):
        _tell(_log().debug, arrival, told, code)
    return Outcome(code, arrival.event_id)


def _tell(log: Callable[..., None], arrival: Arrival, kept: Kept, code: str) -> None:
    log(
        "an event came again" if kept.duplicate else "an event was kept",
        action="webhook.kept",
        outcome=code,
        event_id=arrival.event_id,
        row_id=kept.row_id,
        trace_id=_place(arrival, kept).trace_id,
        lane=kept.lane,
        secret_name=arrival.secret_name,
    )


def _trace(arrival: Arrival, kept: Kept, code: str, *, seconds: float) -> None:
    about = {"row_id": kept.row_id, "lane": kept.lane, "outcome": code, "type": arrival.type}
    tracing.record(
        "keep", _place(arrival, kept), seconds=seconds, is_first=not kept.duplicate, event_id=arrival.event_id, **about
    )


def _place(arrival: Arrival, kept: Kept) -> trace_ids.Place:
    return trace_ids.of_event(trace_ids.event_name(arrival.event_id, kept.row_id))


def _name(arrival: Arrival, kept: Kept) -> str:
    if not kept.same_body:
        return "conflict"
    if kept.duplicate:
        return "duplicate"
    return "unparsable" if arrival.type is None else "received"


def _not_kept(code: str, arrival: Arrival) -> Outcome:
    _log().warning("an event could not be kept", action="webhook.not_kept", code=code, event_id=arrival.event_id)
    return Outcome("PROCESSING_ERROR")


def _refuse(door: Door, delivery: Delivery, code: str) -> Outcome:
    found = door.armour.refuse(delivery.peer, code, door.metrics)
    # Of a flood each line would cost more than the refusal; its counts reach the audit trail.
    return Outcome(found.code) if found.is_flood else _tell_refused(found.code)


def _tell_refused(code: str) -> Outcome:
    _log().warning("a request was refused", action="webhook.refused", code=code)
    return Outcome(code)


def _log() -> structlog.stdlib.BoundLogger:
    log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
    return log
