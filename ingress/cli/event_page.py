"""One event on one page: what it is, how it stands, every attempt and every delivery."""

from collections.abc import Iterable

from rich.console import Group, RenderableType

from ingress.cli import screen
from shared.event_history import History
from shared.events import PLATFORM, Event, Reason

LIST_COLUMNS = ("ROW", "EVENT", "STATE", "RECEIVED, REASON")


def page(history: History) -> RenderableType:
    parts: list[RenderableType] = [screen.pairs(_facts(history.event))]
    if history.attempts:
        columns = ("SERIES", "TRY", "FROM, TO", "WORKER, OUTCOME", "ERROR")
        parts.append(screen.table("Attempts", columns, _attempts(history)))
    if history.deliveries:
        parts.append(screen.table("Deliveries", ("AT", "SECRET", "WHAT"), _deliveries(history)))
    return Group(*parts)


def listing(title: str, events: Iterable[Event]) -> RenderableType:
    return screen.table(title, LIST_COLUMNS, map(_line, events))


def reason_text(reason: Reason | None) -> str | None:
    """The class, where in the payload, and the words: `invalid/schema at data.object.id: …`."""
    if reason is None:
        return None
    place = f" at {reason.path}" if reason.path else ""
    words = (reason.message or "-").removesuffix(".")  # it may stand in the middle of a sentence, or at its end
    return f"{'/'.join(filter(None, (reason.reason_class, reason.code)))}{place}: {words}"


def _line(event: Event) -> tuple[object, ...]:
    state = f"{event.state} (discarded)" if event.discarded_at else event.state
    return (
        f"#{event.id}",
        screen.stacked(event.event_id, event.type, event.account),
        screen.stacked(state, event.lane),
        screen.stacked(event.received_at, reason_text(event.reason)),
    )


def _facts(event: Event) -> list[tuple[str, object]]:
    about = " ".join(filter(None, (event.object_kind, event.object_id)))
    return [
        ("event", f"{event.event_id}  (row #{event.id})"),
        ("type", event.type),
        ("about", about or None),
        ("account", event.account or PLATFORM),
        ("livemode", event.livemode),
        ("happened", event.occurred_at),
        ("received", event.received_at),
        ("lane", f"{event.lane}: {event.lane_reason} (urgency {event.urgency})"),
        ("state", event.state),
        ("reason", reason_text(event.reason)),
        ("next attempt", event.next_attempt_at if event.state == "retrying" else None),
        ("waits for", ", ".join(event.waits_for) or None),
        ("settled", event.settled_at),
        ("discarded", event.discarded_at),
    ]


def _attempts(history: History) -> Iterable[tuple[object, ...]]:
    for attempt in history.attempts:
        error = Reason(attempt.error_class, attempt.error_code, attempt.error_path, attempt.message)
        failed = reason_text(error) if error.code or error.reason_class else None
        times = screen.stacked(attempt.started_at, attempt.ended_at or "not ended")
        yield attempt.series, attempt.number, times, screen.stacked(attempt.worker, attempt.outcome), failed


def _deliveries(history: History) -> Iterable[tuple[object, ...]]:
    for delivery in history.deliveries:
        again = "again" if delivery.same_body else "again, with another body: the first was kept"
        what = again if delivery.duplicate else "kept"
        yield delivery.delivered_at, delivery.secret_name, what
