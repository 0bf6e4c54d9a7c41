"""The seconds inside one attempt: a deadlock or a lost connection is tried again before it counts as a failure."""

from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from shared.errors import TransientError

# A lost race (40), a server that goes down (57P), a connection that is gone.
_MOMENTARY = ("database_40", "database_57P", "database_away")


def moments() -> Retrying:
    return Retrying(
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(multiplier=0.05, max=0.5),
        retry=retry_if_exception(_passes_in_a_moment),
        reraise=True,
    )


def _passes_in_a_moment(error: BaseException) -> bool:
    """Not what ran into a time-out: the task's own limit would come before the next."""
    return isinstance(error, TransientError) and error.code.startswith(_MOMENTARY)
