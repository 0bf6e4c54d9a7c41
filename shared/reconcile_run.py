"""A whole reconciliation, step by step: what is flagged, open or on its way, and of the rest a part each time.

It is gone on with where it was left, however often it is stopped; one runs at a time.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from shared import audit, notices, object_looks, reconcile_rows, stripe_cursors, stripe_objects
from shared.db import Connection, Pool
from shared.errors import StripeRefuses
from shared.notices import STAFF
from shared.reconcile import Finding, Reconciler
from shared.reconcile_rows import Row
from shared.stripe_api.client import StripeApi
from shared.stripe_cursors import Cursor
from shared.stripe_objects import Seen

log = structlog.get_logger(__name__)

NAME = "objects"
_SAMPLE_NAME = "objects:sample"
# Between two saves of the cursor so many are asked for one by one, for so long.
_SOME = 20
_STEP_SECONDS = 2.0
_SUBSCRIPTIONS = "subscriptions"
PHASES = (
    *("flagged", _SUBSCRIPTIONS, "elsewhere", "payouts", "registered", "registered_transfers"),
    *("accounts", "unheard_accounts", "sample"),
)
COMPARED = "compared"
# Rows are numbered from one; what has no row yet goes by name.
_BEGINNING = {"registered": "", "registered_transfers": "", "unheard_accounts": ""}


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
    livemode: bool | None = None  # of the key; None where it does not tell

    def steps(self, *, now: datetime) -> Generator[Step]:
        """Go on with the run in hand or begin one; nothing while another is at it. The caller may stop in between."""
        cursor = stripe_cursors.take(self.pool, NAME)
        if cursor is None:
            return
        try:
            # A dry run moves no cursor, so it looks at all.
            if self.reconciler.dry_run or cursor.window_until is None or cursor.phase is None:
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

    def settle_doubt(self, *, within_seconds: int) -> list[Finding]:
        """Ask about some of those that came in doubt lately; one that stays in doubt waits for the next whole run."""
        rows = self._rows("flagged", after="0", most=_SOME, within_seconds=within_seconds)
        return self.reconciler.compare(self.look(rows))

    def _next(self, phase: str, cursor: Cursor) -> tuple[list[Seen], str | None]:
        if phase == _SUBSCRIPTIONS:
            return self._subscriptions(cursor.after_id)
        if phase == "sample":
            return self._sample(cursor)
        rows = self._rows(phase, after=cursor.after_id or _BEGINNING.get(phase, "0"), most=_SOME)
        seen = self.look(rows)
        return seen, reconcile_rows.place(rows, len(seen), most=_SOME)

    def _subscriptions(self, after_id: str | None) -> tuple[list[Seen], str | None]:
        try:
            return stripe_objects.subscriptions(self.api, after_id)
        except StripeRefuses as error:  # a key that may not list them may still see the others
            log.warning("Stripe refuses a list", action="reconcile.refused", code=error.code)
            return [], None

    def _sample(self, cursor: Cursor) -> tuple[list[Seen], str | None]:
        """`after_id` says how many this run has sampled and where it is; where the round goes on is kept apart."""
        done, _, place = (cursor.after_id or "0:").partition(":")
        most = min(_SOME, self.sample - int(done))
        round_ = stripe_cursors.take(self.pool, _SAMPLE_NAME) if most > 0 else None
        if round_ is None:
            return [], None
        try:
            rows = self._rows("sample", after=place or round_.after_id or "0", most=most)
            seen = self.look(rows)
            next_place = reconcile_rows.place(rows, len(seen), most=most)
            if not self.reconciler.dry_run:
                with self.pool.transaction() as conn:
                    stripe_cursors.save(conn, replace(round_, after_id=next_place))
        finally:
            stripe_cursors.give_back(self.pool, round_)
        sampled = int(done) + len(seen)
        return seen, f"{sampled}:{next_place}" if next_place is not None and sampled < self.sample else None

    def look(self, rows: Sequence[Row]) -> list[Seen]:
        left = reconcile_rows.left(self.pool, rows)
        return object_looks.look(self.api, rows, left=left, seconds=_STEP_SECONDS)

    def chosen(self, rows: Iterable[Row]) -> Generator[list[Finding]]:
        """Compare just these, one by one."""
        for row in rows:
            yield self.reconciler.compare(self.look([row]))

    def _rows(self, query: str, *, after: str, most: int, within_seconds: int | None = None) -> list[Row]:
        by = {"within_seconds": within_seconds, "livemode": self.livemode}
        return reconcile_rows.rows(self.pool, query, after=after, most=most, by=by)

    def _save(self, cursor: Cursor, *, found: int) -> None:
        with self.pool.transaction() as conn:
            stripe_cursors.save(conn, cursor, found=found)
            if cursor.window_until is None:
                self._tell(conn, cursor)

    def _tell(self, conn: Connection, cursor: Cursor) -> None:
        """The run's report; staff are told where something had drifted."""
        report = dict(cursor.report)
        audit.record(conn, actor=self.reconciler.actor, act="reconcile.report", object=NAME, after=report)
        drifted = sum(count for name, count in report.items() if name != COMPARED)
        log.info("compared with Stripe", action="reconcile.report", count=report.get(COMPARED, 0))
        if drifted:
            cause = f"reconcile:{cursor.fence}"
            notices.owe(conn, cause=cause, kind="reconcile:drift", recipient=STAFF, data=report)


def _moved(cursor: Cursor, phase: str, after_id: str | None) -> Cursor:
    if after_id is not None:
        return replace(cursor, after_id=after_id)
    place = PHASES.index(phase) + 1
    if place < len(PHASES):
        return replace(cursor, phase=PHASES[place], after_id=None)
    return replace(cursor, window_until=None, phase=None, after_id=None)
