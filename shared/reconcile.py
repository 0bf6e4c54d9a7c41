"""Reconciliation: compares what is known with Stripe's own objects, and mends what has drifted.

A mend is a fact, stamped with the time at which Stripe was asked: it is kept in the inbox like an event and goes the
same way, so that it is fenced, retried, folded and explained as all others are, and never undoes what came later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import structlog

from schemas import catalog
from schemas.errors import SchemaError
from shared import audit, fetched_arrivals
from shared.db import Connection, Pool
from shared.errors import CannotKeep
from shared.inbox import Inbox
from shared.queries import load
from shared.rules.drift import MENDED, Drift, Kind, drift
from shared.rules.history import Placed
from shared.rules.kinds import RULES
from shared.rules.subject_names import name_of
from shared.stripe_objects import LEFT, Seen

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Finding:
    """A subject that differs from Stripe's object; `is_mended` says that a fact which puts it right is on its way."""

    kind: str
    subject_id: str
    account: str | None
    livemode: bool | None
    drift: Drift
    is_mended: bool

    @property
    def name(self) -> str:
        return name_of(self.kind, self.subject_id, account=self.account, livemode=self.livemode)

    def to_json(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "id": self.subject_id,
            "account": self.account,
            "livemode": self.livemode,
            "drift": self.drift.kind.value,
            "differences": {
                name: {"known": known, "stripe": stripe} for name, (known, stripe) in self.drift.differences.items()
            },
            "mended": self.is_mended,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciler:
    """`inbox` keeps as `reconcile`; `actor` is whom the audit trail names."""

    pool: Pool
    inbox: Inbox
    actor: str
    dry_run: bool = False

    def compare(self, seen: Sequence[Seen]) -> list[Finding]:
        """The drift among these, mended unless it is a dry run."""
        with self.pool.transaction() as conn:
            known = _known(conn, seen)
        findings = []
        for one in seen:
            row = _row_of(one, known)
            found = _judge(one, row)
            if found is not None:
                findings.append((one, self._finding(one, row, found)))
        if findings and not self.dry_run:
            self._mend(findings)
        return [finding for _, finding in findings]

    def _finding(self, one: Seen, row: Mapping[str, Any] | None, found: Drift) -> Finding:
        livemode = row["livemode"] if row else one.wanted.livemode
        wanted, mended = one.wanted, found.kind in MENDED and not self.dry_run
        return Finding(wanted.kind, wanted.subject_id, wanted.account, livemode, found, mended)

    def _mend(self, findings: Sequence[tuple[Seen, Finding]]) -> None:
        arrivals = [
            fetched_arrivals.of_object(
                one.document, account=finding.account, livemode=finding.livemode, asked_at=one.asked_at
            )
            for one, finding in findings
            if finding.is_mended and one.document is not None and one.asked_at is not None
        ]
        # The trail first: a mend that nobody can explain is worse than a word too many.
        with self.pool.transaction() as conn:
            audit.record_all(conn, [self._record(finding) for _, finding in findings])
        for kept in self.inbox.keep_many(arrivals, nudged=[False] * len(arrivals)) if arrivals else ():
            if isinstance(kept, CannotKeep):
                raise kept
        for _, finding in findings:
            log.warning(
                "a subject had drifted from Stripe's", action="reconcile.drift", status=finding.drift.kind.value
            )

    def _record(self, finding: Finding) -> audit.Record:
        differences = finding.drift.differences
        return audit.Record(
            actor=self.actor,
            act="reconcile.mended" if finding.is_mended else "reconcile.drift",
            object=finding.name,
            reason=finding.drift.kind.value,
            before={name: known for name, (known, _) in differences.items()},
            after={name: stripe for name, (_, stripe) in differences.items()},
        )


def _known(conn: Connection, seen: Sequence[Seen]) -> dict[tuple[str, str | None, str], list[dict[str, Any]]]:
    """What is known of them now: read after Stripe was asked, so that nothing of before looks like a change."""
    groups: dict[tuple[str, str | None], list[str]] = {}
    for one in seen:
        groups.setdefault((one.wanted.kind, one.wanted.account), []).append(one.wanted.subject_id)
    found: dict[tuple[str, str | None, str], list[dict[str, Any]]] = {}
    for (kind, account), ids in groups.items():
        rows = conn.execute(load("reconcile")["at"], {"kind": kind, "account": account, "ids": ids})
        for row in rows:
            found.setdefault((kind, account, row["subject_id"]), []).append(row)
    return found


def _row_of(one: Seen, known: Mapping[tuple[str, str | None, str], list[dict[str, Any]]]) -> dict[str, Any] | None:
    wanted = one.wanted
    rows = known.get((wanted.kind, wanted.account, wanted.subject_id), [])
    return next((row for row in rows if row["livemode"] is wanted.livemode), None)


def _unseen(one: Seen, row: Mapping[str, Any] | None) -> Drift | None:
    """An account that took its leave is shown no more, nor is what was its: that is as it should be."""
    if one.why_not == LEFT or (row and row["state"].get("onboarding_reason") == "deauthorized"):
        return None
    return Drift(Kind(one.why_not), {"status": (row["status"] if row else None, None)})


def _judge(one: Seen, row: Mapping[str, Any] | None) -> Drift | None:
    kind = one.wanted.kind
    if one.document is None or one.asked_at is None:
        return _unseen(one, row)
    asked_at = one.asked_at.astimezone(UTC)
    if row and row["latest_at"] is not None and row["latest_at"] >= asked_at:
        return None  # something newer has come meanwhile
    type_ = f"fetched.{kind}"
    schema = catalog.FETCHED[type_].schema
    try:
        fact = schema.read(one.document)
    except SchemaError as error:
        return Drift(Kind.UNREADABLE, {error.path: (None, None)})
    rank = catalog.FETCHED[type_].rank
    placed = Placed(cause="look", type=type_, rank=rank, occurred_at=asked_at, fact=fact)
    return drift(
        row["state"] if row else None,
        placed,
        RULES[kind],
        stated=schema.stated(one.document),
        needs_refetch=bool(row and row["needs_refetch"]),
    )
