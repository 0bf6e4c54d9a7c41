"""Each time that an event waited, and what for: told from its attempts, for nothing else keeps it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from shared.documents import as_document
from shared.event_history import Attempt
from shared.events import Event

GUARD = "guard:"
Why = Literal["first_claim", "retry", "parked", "guard", "sent_on_again"]


@dataclass(frozen=True, slots=True)
class Wait:
    """From one moment to another, or until now; `waits_for` names what it was parked for."""

    began_at: datetime
    ended_at: datetime | None
    why: Why
    waits_for: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return as_document(self)


def waits(event: Event, attempts: Sequence[Attempt], restarted_at: Mapping[int, datetime]) -> tuple[Wait, ...]:
    """`restarted_at` gives for each series that staff began when they did."""
    between = (_between(earlier, later, restarted_at) for earlier, later in pairwise(attempts))
    found = (_until_first(event, attempts), *between, _until_now(event, attempts, restarted_at))
    return tuple(wait for wait in found if wait is not None)


def _until_first(event: Event, attempts: Sequence[Attempt]) -> Wait | None:
    """Nothing where the attempts that are shown do not go back to the first."""
    if not attempts or (attempts[0].series, attempts[0].number) != (1, 1):
        return None
    return Wait(event.received_at, attempts[0].started_at, "first_claim")


def _between(earlier: Attempt, later: Attempt, restarted_at: Mapping[int, datetime]) -> Wait | None:
    if earlier.series != later.series:
        return _from(restarted_at.get(later.series), later.started_at, "sent_on_again")
    return _from(earlier.ended_at, later.started_at, _why(earlier), earlier.waits_for)


def _until_now(event: Event, attempts: Sequence[Attempt], restarted_at: Mapping[int, datetime]) -> Wait | None:
    if event.state == "received":
        return Wait(event.received_at, None, "first_claim")
    if event.state != "retrying" or not attempts:
        return None
    if attempts[-1].series != event.series:
        return _from(restarted_at.get(event.series), None, "sent_on_again")
    return _from(attempts[-1].ended_at, None, _why(attempts[-1]), attempts[-1].waits_for)


def _from(
    began_at: datetime | None, ended_at: datetime | None, why: Why, waits_for: tuple[str, ...] = ()
) -> Wait | None:
    """Nothing where it is not known when it began."""
    return None if began_at is None else Wait(began_at, ended_at, why, waits_for)


def _why(failed: Attempt) -> Why:
    if not failed.waits_for:
        return "retry"
    return "guard" if any(lacking.startswith(GUARD) for lacking in failed.waits_for) else "parked"
