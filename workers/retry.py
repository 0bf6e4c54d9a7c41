"""What an exception means for the event in hand: its class, its code, and words that quote nothing."""

from collections.abc import Mapping

from celery.exceptions import SoftTimeLimitExceeded

from schemas.errors import SchemaError, Unreadable
from shared.config import Settings
from shared.errors import IntegrityError, TransientError
from shared.rules.retries import ErrorClass, Policy, policies
from shared.scrubbing import where
from workers.ledger import Reason


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
