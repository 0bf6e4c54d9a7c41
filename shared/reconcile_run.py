"""A whole reconciliation, step by step: what is flagged, open or on its way, and of the rest a part each time.

It is gone on with where it was left, however often it is stopped; one runs at a time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from shared import audit, notices, stripe_cursors, stripe_objects
from shared.db import Pool
from shared.notices import STAFF
from shared.queries import load
from shared.reconcile import Finding, Reconciler
from shared.stripe_api.client import StripeApi
from shared.stripe_cursors import Cursor
from shared.stripe_objects import Seen, Wanted

log = structlog.get_logger(__name__)

NAME = "objects"
_SAMPLE_NAME = "objects:sample"
_SOME = 20  # asked for one by one between two saves of the cursor
_SUBSCRIPTIONS = "subscriptions"
PHASES = ("flagged", _SUBSCRIPTIONS, "elsewhere", "payouts", "registered", "accounts", "sample")
COMPARED = "compared"


@dataclass(frozen=True, slots=True)
class Step:
    """`total` is the report of the run so far: how many were compared, and how many of each drift were found."""

    phase: str
    compared: int
    findings: tuple[Finding, ...]
    total: Mapping[str, int]
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    api: StripeApi
    pool: Pool
    reconciler: Reconciler
    sample: int

    def steps(self, *, now: datetime) -> Iterator[Step]:
        """Go on with the run in hand or begin one; nothing while another is at it. The caller may stop in between."""
        cursor = stripe_cursors.take(self.pool, NAME)
        if cursor is None:
            return
        try:
            if cursor.window_until is None or cursor.phase is None:
                cursor = replace(cursor, window_until=now, phase=PHASES[0], after_id=None, report={})
            while cursor.window_until is not None:
                cursor, step = self._step(cursor)
                yield step
        finally:
            stripe_cursors.give_back(self.pool, cursor)

    def _step(self, cursor: Cursor) -> tuple[Cursor, Step]:
        phase = cursor.phase or PHASES[0]
        seen, after_id = self._next(phase, cursor)
        findings = self.reconciler.compare(seen)
        counts = Counter(cursor.report) + Counter({COMPARED: len(seen)})
        counts += Counter(finding.drift.kind.value for finding in findings)
        after = replace(_moved(cursor, phase, after_id), report=dict(counts))
        if not self.reconciler.dry_run:
            self._save(after, found=sum(finding.is_mended for finding in findings))
        return after, Step(phase, len(seen), tuple(findings), dict(counts), after.window_until is None)

    def _next(self, phase: str, cursor: Cursor) -> tuple[list[Seen], str | None]:
        if phase == _SUBSCRIPTIONS:
            return stripe_objects.subscriptions(self.api, cursor.after_id)
        if phase == "sample":
            return self._sample(cursor)
        rows = self._rows(phase, after=int(cursor.after_id or 0), most=_SOME)
        return self._fetch(rows), str(rows[-1]["id"]) if len(rows) == _SOME else None

    def _sample(self, cursor: Cursor) -> tuple[list[Seen], str | None]:
        """`after_id` counts what this run has sampled; where the round goes on, a cursor of its own keeps."""
        done = int(cursor.after_id or 0)
        most = min(_SOME, self.sample - done)
        place = stripe_cursors.take(self.pool, _SAMPLE_NAME) if most > 0 else None
        if place is None:
            return [], None
        rows = self._rows("sample", after=int(place.after_id or 0), most=most)
        seen = self._fetch(rows)
        with self.pool.transaction() as conn:
            next_place = str(rows[-1]["id"]) if len(rows) == most else None
            if not self.reconciler.dry_run:
                stripe_cursors.save(conn, replace(place, after_id=next_place))
        stripe_cursors.give_back(self.pool, place)
        return seen, str(done + len(rows)) if len(rows) == most and done + most < self.sample else None

    def _rows(self, query: str, *, after: int, most: int) -> list[dict[str, Any]]:
        with self.pool.transaction() as conn:
            return conn.execute(load("reconcile")[query], {"after": after, "most": most}).fetchall()

    def _fetch(self, rows: list[dict[str, Any]]) -> list[Seen]:
        return [stripe_objects.fetch(self.api, wanted_of(row)) for row in rows]

    def _save(self, cursor: Cursor, *, found: int) -> None:
        with self.pool.transaction() as conn:
            stripe_cursors.save(conn, cursor, found=found)
            if cursor.window_until is None:
                self._tell(conn, cursor)

    def _tell(self, conn: Any, cursor: Cursor) -> None:
        """The run's report; staff are told where something had drifted."""
        report = dict(cursor.report)
        audit.record(conn, actor=self.reconciler.actor, act="reconcile.report", object=NAME, after=report)
        drifted = sum(count for name, count in report.items() if name != COMPARED)
        log.info("compared with Stripe", action="reconcile.report", count=report.get(COMPARED, 0))
        if drifted:
            cause = f"reconcile:{cursor.fence}"
            notices.owe(conn, cause=cause, kind="reconcile:drift", recipient=STAFF, data=report)


def chosen(
    api: StripeApi, reconciler: Reconciler, rows: list[dict[str, Any]], on_each: Callable[[], None]
) -> list[Finding]:
    """Compare just these, one by one."""
    findings = []
    for row in rows:
        findings += reconciler.compare([stripe_objects.fetch(api, wanted_of(row))])
        on_each()
    return findings


def wanted_of(row: Mapping[str, Any]) -> Wanted:
    return Wanted(row["kind"], row["subject_id"], row["account"], row["livemode"])


def _moved(cursor: Cursor, phase: str, after_id: str | None) -> Cursor:
    if after_id is not None:
        return replace(cursor, after_id=after_id)
    place = PHASES.index(phase) + 1
    if place < len(PHASES):
        return replace(cursor, phase=PHASES[place], after_id=None)
    return replace(cursor, window_until=None, phase=None, after_id=None)
