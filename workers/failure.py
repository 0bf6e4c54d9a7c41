"""What a failed attempt means and leads to: a class and a reason, then a later attempt or a dead letter."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from schemas.errors import SchemaError, Unreadable
from shared import audit, guards, notices, tracing
from shared.config import Settings
from shared.db import Connection
from shared.errors import IntegrityError, NotYet, StripeAway, StripeRefuses, TransientError
from shared.rules.guard import FloodRule
from shared.rules.retries import ErrorClass, Policy, Retry, after_failure, policies
from shared.scrubbing import passed_through, where
from workers import ending, ledger, metrics
from workers.ledger import Held, Reason, Settled, Settlement

log = structlog.get_logger(__name__)


# When a guard ends, what it parked comes back over this time and not in one moment.
_SPREAD_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What decides: the reason and its class's policy, what counts as a flood of deaths, chance in [0, 1).

    `wish` is the other side's, in seconds; `waits_for` names what is lacking. One that `parks` is never
    the last: however long Stripe is away, no event is to die of it.
    """

    reason: Reason
    policy: Policy
    flood: FloodRule
    chance: float
    wish: float | None = None
    waits_for: tuple[str, ...] = ()
    parks: bool = False


def rule_of(error: Exception, policies: Mapping[ErrorClass, Policy], *, flood: FloodRule, chance: float) -> Rule:
    error_class, reason = classify(error)
    return Rule(
        reason=reason,
        policy=policies[error_class],
        flood=flood,
        chance=chance,
        wish=error.retry_after_seconds if isinstance(error, TransientError | NotYet) else None,
        waits_for=(error.waits_for,) if isinstance(error, NotYet) else (),
        parks=isinstance(error, StripeAway),
    )


@dataclass(frozen=True, slots=True)
class Failed:
    """A noted failure; `settled` is there when it was the last attempt, `guard` when it would have been."""

    reason: Reason
    settled: Settled | None = None
    guard: guards.Standing | None = None
    raises_alarm: bool = False

    @property
    def state(self) -> str:
        return "retrying" if self.settled is None else "dead"


def note(conn: Connection, held: Held, rule: Rule) -> Failed:
    """Give the event back until its next attempt, or end it; raises Fenced when the claim is no longer ours."""
    earlier = ledger.failures(conn, held, rule.reason.reason_class)
    failures = min(earlier + 1, rule.policy.limit - 1) if rule.parks else earlier + 1
    decision = after_failure(rule.policy, failures, random=rule.chance, retry_after_seconds=rule.wish)
    if isinstance(decision, Retry):
        ledger.retry_later(conn, held, rule.reason, delay_seconds=decision.delay_seconds, waits_for=rule.waits_for)
        return Failed(rule.reason)
    guard = guards.before_death(conn, held.type, rule.flood)
    if guard is not None:
        until = guard.seconds_left + _SPREAD_SECONDS * rule.chance
        ledger.retry_later(conn, held, rule.reason, delay_seconds=until, waits_for=(guard.waits_for,))
        return Failed(rule.reason, guard=guard)
    return Failed(rule.reason, _die(conn, held, rule.reason), raises_alarm=rule.policy.raises_alarm)


def _die(conn: Connection, held: Held, reason: Reason) -> Settled:
    (settled,) = ending.end(conn, [(held, Settlement("dead", reason))])
    told = {"class": reason.reason_class, "code": reason.code, "path": reason.path}
    audit.record(conn, actor="worker", act="event.dead", object=held.name, after=told)
    # A requeue that ends in another death is told again.
    cause, data = f"event:{held.row_id}#{held.series}", {"eventId": held.event_id, "type": held.type, **told}
    notices.owe(conn, cause=cause, kind="dead_letter:created", recipient=notices.STAFF, data=data)
    return settled


def tell(held: Held, failed: Failed, error: Exception | None = None) -> None:
    """Log and count what is committed. Of a bug that killed an event the error is told too: nobody foresaw it."""
    say = log.error if failed.raises_alarm else log.warning
    say(
        "attempt failed",
        action="event.parked" if failed.guard else f"event.{failed.state}",
        row_id=held.row_id,
        reason_class=failed.reason.reason_class,
        reason_code=failed.reason.code,
        reason_path=failed.reason.path,
        exc_info=error if failed.reason.reason_class == ErrorClass.BUG.value else None,
    )
    metrics.ATTEMPTS_FAILED.labels(failed.reason.reason_class).inc()
    tracing.note(state=failed.state, reason_class=failed.reason.reason_class, reason_code=failed.reason.code)
    if failed.guard is not None and failed.guard.is_new:
        metrics.FLOODS.inc()
        log.error("dead letters come in a flood: further ones are parked", action="guard.opened", type=held.type)
    if failed.settled is not None:
        ending.tell([(held, failed.settled)])


def policies_of(settings: Settings) -> Mapping[ErrorClass, Policy]:
    return policies(
        transient=settings.transient_attempts,
        not_yet=settings.not_yet_attempts,
        bug=settings.bug_attempts,
        worker_lost=settings.worker_lost_attempts,
    )


def flood_of(settings: Settings) -> FloodRule:
    return FloodRule(deaths=settings.guard_deaths, percent=settings.guard_percent, minutes=settings.guard_minutes)


def classify(error: Exception) -> tuple[ErrorClass, Reason]:
    """An unknown exception is a bug of ours; its message may quote the payload, so only its place is told."""
    path = None
    match error:
        case TransientError():
            error_class, code, message = ErrorClass.TRANSIENT, error.code, str(error)
        case NotYet():
            error_class, code, message = ErrorClass.NOT_YET, error.code, str(error)
        case Unreadable():
            error_class, code, message = ErrorClass.INVALID, "unparsable", str(error)
        case SchemaError():
            error_class, code, message, path = ErrorClass.INVALID, "schema", error.message, error.path
        case StripeRefuses():
            error_class, code, message = ErrorClass.INVALID, error.code, str(error)
        case IntegrityError():
            error_class, code, message = ErrorClass.INVALID, "integrity", str(error)
        case SoftTimeLimitExceeded() if passed_through(error, "psycopg"):
            error_class, code, message = ErrorClass.TRANSIENT, "database_slow", "the database took too long"
        case SoftTimeLimitExceeded():
            message = f"took longer than the time limit, last at {where(error)}"
            error_class, code = ErrorClass.BUG, "timeout"
        case _:
            error_class, code, message = ErrorClass.BUG, "exception", f"{type(error).__name__} at {where(error)}"
    return error_class, Reason(error_class.value, code, message, path)
