"""Waits and attempts, in the order in which they came."""

from collections.abc import Iterator

from ingress.cli.event_page import reason_text
from ingress.cli.moments import Line, at, span
from shared.event_history import Attempt
from shared.events import Reason
from shared.explanation import Explanation
from shared.waits import Wait

_WHY = {
    "first_claim": "for a worker",
    "retry": "for the next attempt that the retry schedule gave it",
    "parked": "for what it lacked",
    "guard": "behind the guard against a flood of dead letters of its type",
    "sent_on_again": "for a worker, sent on again by staff",
}


def work(story: Explanation) -> Iterator[Line]:
    waits = [(wait.began_at, _wait(story, wait)) for wait in story.waits]
    attempts = [(attempt.started_at, _attempt(attempt)) for attempt in story.history.attempts]
    yield from sorted([*waits, *attempts], key=lambda line: line[0])
    if not (waits or attempts):
        yield None, "No attempt is on record."


def _wait(story: Explanation, wait: Wait) -> str:
    why = _WHY[wait.why] + (f" ({', '.join(wait.waits_for)})" if wait.waits_for else "")
    if wait.ended_at is not None:
        return f"Waited {span(wait.ended_at - wait.began_at)} {why}."
    so_far = span(story.receipt.asked_at - wait.began_at)
    return f"Waits {why}, {so_far} so far; due {at(story.event.next_attempt_at)}."


def _attempt(attempt: Attempt) -> str:
    name = f"Attempt {attempt.number}, series {attempt.series}, by {attempt.worker}"
    if attempt.ended_at is None:
        return f"{name}: it goes on, or its worker died and that was not noticed yet."
    took = span(attempt.ended_at - attempt.started_at)
    reason = Reason(attempt.error_class, attempt.error_code, attempt.error_path, attempt.message)
    why = f" because of {reason_text(reason)}" if reason.code or reason.reason_class else ""
    return f"{name}: {attempt.outcome} after {took}{why}."
