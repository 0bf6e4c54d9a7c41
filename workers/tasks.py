"""The Celery tasks: each unwraps its message, calls one function, and maps the result."""

import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from celery import Celery, signals
from celery.exceptions import Retry, SoftTimeLimitExceeded
from structlog.contextvars import bound_contextvars

from shared import access_changes, heartbeats, looks, priority
from shared.broker import MOST_IDS
from shared.config import Settings
from shared.errors import TransientError
from shared.rules.lanes import MESSAGE_PRIORITY, OPEN_CRISIS, Lane
from shared.task_messages import COMPARE, LOOK, PROCESS
from workers import comparing, daily, housekeeping, maintenance, retention, self_check, summing
from workers.desk import Desk
from workers.process import UNNOTED, Processor
from workers.sources import Renewal

UPKEEP = "carelane.upkeep"
BEAT_SEEN = "carelane.beat_seen"
WATCH_PAYOUTS = "carelane.watch_payouts"
WATCH_ACCESS = "carelane.watch_access"
FORGET_BODIES = "carelane.forget_bodies"
HOUSEKEEPING = "carelane.housekeeping"
SELF_CHECK = "carelane.self_check"
BACKFILL = "carelane.backfill"
RECONCILE = "carelane.reconcile"
DAILY_REPORT = "carelane.daily_report"
SUM_HOURS = "carelane.sum_hours"
RENEW_SOURCES = "carelane.renew_sources"


def register(app: Celery, settings: Settings) -> None:
    desk = Desk()

    def lay(**_: Any) -> None:
        desk.lay(settings)

    signals.worker_process_init.connect(lay, weak=False)
    signals.worker_process_shutdown.connect(desk.clear, weak=False)

    @app.task(name=PROCESS, bind=True)  # type: ignore[untyped-decorator]
    def process(task: Any, row_ids: list[int]) -> dict[str, str]:
        """Carry these events, each with its own outcome.

        Ends in state RETRY when one of them waits for its next try. Nothing is published for that: PostgreSQL holds
        the clock and the relay nudges.
        """
        delivery = task.request.delivery_info
        with bound_contextvars(task_id=task.request.id), haste_of(delivery):
            return carry_all(desk.laid, row_ids, lane_of(delivery))

    _add_wishes(app, desk)
    _add_beat(app, desk, settings)
    _add_upkeep(app, desk, settings)


def _add_wishes(app: Celery, desk: Desk) -> None:
    """What somebody sits and waits for."""

    @app.task(name=LOOK)  # type: ignore[untyped-decorator]
    def look(look_id: str) -> bool:
        """Somebody behind broken glass waits for a body; whether they still did."""
        with desk.laid.pool.transaction() as conn:
            return looks.answer(conn, uuid.UUID(look_id), desk.laid.reader)

    @app.task(name=COMPARE)  # type: ignore[untyped-decorator]
    def compare(comparison_id: str) -> bool:
        return comparing.compare(desk.laid.pool, uuid.UUID(comparison_id), desk.stripe)


def _add_beat(app: Celery, desk: Desk, settings: Settings) -> None:
    """What beat asks for, and looks at events, people and Stripe."""

    @app.task(name=BEAT_SEEN)  # type: ignore[untyped-decorator]
    def beat_seen() -> None:
        """Beat has no database: that its message came this far shows that it works."""
        with desk.laid.pool.transaction() as conn:
            heartbeats.beat(conn, heartbeats.BEAT)

    @app.task(name=WATCH_PAYOUTS)  # type: ignore[untyped-decorator]
    def watch_payouts() -> int:
        return maintenance.raise_stale_payouts(desk.laid.pool, after_seconds=settings.payout_stale_hours * 3600)

    @app.task(name=WATCH_ACCESS)  # type: ignore[untyped-decorator]
    def watch_access() -> int:
        """Whose grace or emergency access has ended is told; whoever asks is answered right without this."""
        return access_changes.refresh_due(desk.laid.pool, desk.laid.access_policy)

    @app.task(name=DAILY_REPORT)  # type: ignore[untyped-decorator]
    def daily_report() -> bool:
        """Of the last full day; asked every half hour, it is made once."""
        return daily.report(settings)

    @app.task(name=BACKFILL)  # type: ignore[untyped-decorator]
    def backfill() -> int:
        """A few seconds of it, in the end all; nothing without an API key."""
        return 0 if desk.stripe is None else desk.stripe.backfill()

    @app.task(name=RECONCILE)  # type: ignore[untyped-decorator]
    def reconcile() -> int:
        comparing.catch_up(desk.laid.pool, desk.stripe)
        return 0 if desk.stripe is None else desk.stripe.reconcile()


def _add_upkeep(app: Celery, desk: Desk, settings: Settings) -> None:
    """What beat asks for, and keeps house."""
    renewal = Renewal(settings.sources_file)

    @app.task(name=UPKEEP)  # type: ignore[untyped-decorator]
    def upkeep() -> dict[str, int]:
        return maintenance.upkeep(desk.laid.pool)

    @app.task(name=FORGET_BODIES)  # type: ignore[untyped-decorator]
    def forget_bodies() -> int:
        return retention.forget_bodies(desk.laid.pool, days=settings.body_days)

    @app.task(name=HOUSEKEEPING)  # type: ignore[untyped-decorator]
    def keep_house() -> dict[str, int]:
        return housekeeping.keep_house(desk.laid.pool, notice_days=settings.notice_days)

    @app.task(name=RENEW_SOURCES)  # type: ignore[untyped-decorator]
    def renew_sources() -> int:
        return renewal.renew(desk.laid.pool)

    @app.task(name=SUM_HOURS)  # type: ignore[untyped-decorator]
    def sum_hours() -> int:
        return summing.sum_hours(desk.laid.pool, settings)

    @app.task(name=SELF_CHECK)  # type: ignore[untyped-decorator]
    def check_self() -> list[str]:
        return [finding.name for finding in self_check.look(settings)]


def lane_of(delivery: Mapping[str, Any] | None) -> Lane:
    """The lane that the message rode; its time limits came with it."""
    return "crisis" if (delivery or {}).get("routing_key") == "crisis" else "standard"


def haste_of(delivery: Mapping[str, Any] | None) -> AbstractContextManager[None]:
    """The place to carry them in: for somebody in danger at once, for the rest of the crisis lane before most.

    The rest may be many, a day's failed cards: at once, they would leave the doors no processor.
    """
    if lane_of(delivery) != "crisis":
        return nullcontext()
    return priority.hurrying(at_once=(delivery or {}).get("priority") == MESSAGE_PRIORITY[OPEN_CRISIS])


def carry_all(processor: Processor, row_ids: list[int], lane: Lane = "standard") -> dict[str, str]:
    if not (isinstance(row_ids, list) and len(row_ids) <= MOST_IDS and all(type(row_id) is int for row_id in row_ids)):
        raise ValueError("a nudge carries a list of at most 50 row ids")
    try:
        outcomes = processor.carry(row_ids, lane)
    except (TransientError, SoftTimeLimitExceeded):
        # They could not even be claimed: they are due, and are nudged again.
        outcomes = dict.fromkeys(row_ids, UNNOTED)
    waiting = [row_id for row_id, outcome in outcomes.items() if outcome in {"retrying", UNNOTED}]
    if waiting:
        raise Retry(message=f"rows {', '.join(map(str, waiting))} wait for their next attempt") from None
    return {str(row_id): outcome for row_id, outcome in outcomes.items()}
