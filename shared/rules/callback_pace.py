"""When a callback that was not taken is sent again, and when it is given up; when its whole endpoint is."""

from dataclasses import dataclass

# After the first failure, the second, …: three days in all.
DELAYS_SECONDS = (5, 30, 120, 300, 900, 1800, 3600, 7200, 14_400, 14_400, 28_800, 43_200, 57_600, 86_400)
GIVES_UP_SECONDS = 3 * 86_400
# Of a person in danger the backend is told again at least so often.
URGENT_SECONDS = 900
# So many failures in a row are the endpoint's and no single callback's: then one at a time tries whether it is back.
FAILURES_IN_A_ROW = 5

_JITTER = 0.1
_LONGEST_WISH_SECONDS = 3600
_LEAST_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Again:
    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """It has been tried for three days."""


def after_failure(
    failures: int, *, tried_seconds: float, is_urgent: bool, chance: float, wish_seconds: float | None = None
) -> Again | GiveUp:
    """`failures` counts this one, `tried_seconds` from the first try; `chance` in [0, 1); a Retry-After is a wish.

    The last try comes when the three days are over.
    """
    if tried_seconds >= GIVES_UP_SECONDS:
        return GiveUp()
    step = DELAYS_SECONDS[min(max(failures, 1), len(DELAYS_SECONDS)) - 1]
    longest = URGENT_SECONDS if is_urgent else max(DELAYS_SECONDS)
    wished = min(wish_seconds or 0.0, _LONGEST_WISH_SECONDS)
    seconds = min(max(step, wished), longest) * (1 + _JITTER * chance)
    return Again(max(_LEAST_SECONDS, min(seconds, GIVES_UP_SECONDS - tried_seconds)))


def is_given_up(failures: int, failing_seconds: float) -> bool:
    """Whether an endpoint that took nothing for so long is to be left alone until somebody has looked at it."""
    return failures >= FAILURES_IN_A_ROW and failing_seconds >= GIVES_UP_SECONDS
