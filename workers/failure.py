"""What a failed attempt means and leads to: a class and a reason, then a later attempt or a dead letter."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from schemas.errors import SchemaError, Unreadable
from shared import audit
from shared.config import Settings
from shared.db import Connection
from shared.errors import IntegrityError, TransientError
from shared.rules.retries import ErrorClass, Policy, Retry, after_failure, policies
from shared.scrubbing import where
from workers import ending, ledger
from workers.ledger import Held, Reason, Settled, Settlement

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides: the reason, its class's policy, the other side's wish in seconds, and chance in [0, 1)."""

    reason: Reason
    policy: Policy
    wish: float | None
    chance: float


@dataclass(frozen=True, slots=True)
class Failed:
    """A noted failure; `settled` is there when it was the last attempt."""

    reason: Reason
    settled: Settled | None
    raises_alarm: bool = False

    @property
    def state(self) -> str:
        return "retrying" if self.settled is None else "dead"


def note(conn: Connection, held: Held, rule: Rule) -> Failed:
    """Give the event back until its next attempt, or end it; raises Fenced when the claim is no longer ours."""
    earlier = ledger.failures(conn, held, rule.reason.reason_class)
    decision = after_failure(rule.policy, earlier + 1, random=rule.chance, retry_after_seconds=rule.wish)
    if isinstance(decision, Retry):
        ledger.retry_later(conn, held, rule.reason, delay_seconds=decision.delay_seconds)
        return Failed(rule.reason, None)
    settled = ending.end(conn, held, Settlement("dead", rule.reason))
    told = {"class": rule.reason.reason_class, "code": rule.reason.code, "path": rule.reason.path}
    audit.record(conn, actor="worker", act="event.dead", object=held.name, after=told)
    return Failed(rule.reason, settled, rule.policy.raises_alarm)


def tell(held: Held, failed: Failed) -> None:
    """Log and count what is committed."""
    say = log.error if failed.raises_alarm else log.warning
    say(
        "attempt failed",
        action=f"event.{failed.state}",
        row_id=held.row_id,
        reason_class=failed.reason.reason_class,
        reason_code=failed.reason.code,
        reason_path=failed.reason.path,
    )
    if failed.settled is not None:
        ending.tell(held, failed.settled)


def policies_of(settings: Settings) -> Mapping[ErrorClass, Policy]:
    return policies(
        transient=settings.transient_attempts,
        bug=settings.bug_attempts,
        worker_lost=settings.worker_lost_attempts,
    )


def classify(error: Exception) -> tuple[ErrorClass, Reason]:
    """An unknown exception is a bug of ours; its message may quote the payload, so only its place is told."""
    match error:
        case TransientError():
            return _reason(ErrorClass.TRANSIENT, error.code, str(error))
        case Unreadable():
            return _reason(ErrorClass.INVALID, "unparsable", str(error))
        case SchemaError():
            return _reason(ErrorClass.INVALID, "schema", error.message, path=error.path)
        case IntegrityError():
            return _reason(ErrorClass.INVALID, "integrity", str(error))
        case SoftTimeLimitExceeded():
            return _reason(ErrorClass.BUG, "timeout", f"took longer than the time limit, last at {where(error)}")
        case _:
            return _reason(ErrorClass.BUG, "exception", f"{type(error).__name__} at {where(error)}")


def _reason(error_class: ErrorClass, code: str, message: str, *, path: str | None = None) -> tuple[ErrorClass, Reason]:
    return error_class, Reason(error_class.value, code, message, path)
