"""What follows a failed attempt: when to try again, or that there is nothing left to try."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_FLOOR_SECONDS = 0.5  # full jitter may draw nought, and a delay of nought is a hot loop
_LONGEST_DOUBLING = 32  # past any cap, and short of what a float can hold


class ErrorClass(StrEnum):
    TRANSIENT = "transient"
    NOT_YET = "not-yet"
    INVALID = "invalid"
    BUG = "bug"
    WORKER_LOST = "worker-lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`limit` counts attempts, the first included; `raises_alarm` says whether giving up should wake someone."""

    limit: int
    base_seconds: float
    cap_seconds: float
    raises_alarm: bool


@dataclass(frozen=True, slots=True)
class Retry:
    delay_seconds: float


@dataclass(frozen=True, slots=True)
class Exhausted:
    """Nothing is left to try."""


def policies(
    *, transient: int = 8, not_yet: int = 20, bug: int = 3, worker_lost: int = 4
) -> Mapping[ErrorClass, Policy]:
    """The table of classes, with the limits a deployment may set."""
    return {
        ErrorClass.TRANSIENT: Policy(limit=transient, base_seconds=2, cap_seconds=600, raises_alarm=True),
        # Reconciliation settles what Stripe did not answer in time: nobody need rise for it.
        ErrorClass.NOT_YET: Policy(limit=not_yet, base_seconds=1, cap_seconds=60, raises_alarm=False),
        # A shape that cannot be read stays so, and it will not come alone.
        ErrorClass.INVALID: Policy(limit=1, base_seconds=1, cap_seconds=1, raises_alarm=True),
        ErrorClass.BUG: Policy(limit=bug, base_seconds=5, cap_seconds=60, raises_alarm=True),
        ErrorClass.WORKER_LOST: Policy(limit=worker_lost, base_seconds=1, cap_seconds=30, raises_alarm=True),
    }


def after_failure(
    policy: Policy, failures: int, *, random: float, retry_after_seconds: float | None = None
) -> Retry | Exhausted:
    """Exponential backoff with full jitter (AWS, "Exponential Backoff And Jitter").

    `failures` counts this one; `random` lies in [0, 1). A Retry-After is the least delay, up to the cap.
    """
    if failures >= policy.limit:
        return Exhausted()
    doubled = policy.base_seconds * 2 ** min(failures - 1, _LONGEST_DOUBLING)
    jittered = min(policy.cap_seconds, doubled) * random
    asked = min(retry_after_seconds or 0.0, policy.cap_seconds)
    return Retry(max(jittered, asked, _FLOOR_SECONDS))
