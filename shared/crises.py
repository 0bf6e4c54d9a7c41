"""Open crises: reported by the person, a clinician or a questionnaire, resolved by a clinician."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from shared import access_changes, audit, counts, crisis_notes, held_access, notices
from shared.crisis_notes import Note
from shared.db import Connection
from shared.errors import CarelaneError, NotFound
from shared.moments import iso
from shared.queries import load
from shared.rules.access import SEVERITIES
from shared.rules.assessment import SEVERITY, Assessment, Thresholds, means_danger
from shared.rules.standing import Policy
from shared.waiting import move_waiting

ACTIVATED, RESOLVED = "crisis:activated", "crisis:resolved"
SOURCES = ("button", "clinician", "assessment", "system")


class AlreadyResolved(CarelaneError):
    """Somebody resolved it before."""

    code = "already_resolved"


@dataclass(frozen=True, slots=True)
class Report:
    """That a person is in danger, and who says so: one of SOURCES, SEVERITIES."""

    user_id: str
    source: str
    severity: str


@dataclass(frozen=True, slots=True)
class Opened:
    """`is_new` False: it was open already. `waiting`: the rows to ring for, first of all, once committed."""

    crisis_id: uuid.UUID
    severity: str
    is_new: bool
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Crisis:
    id: uuid.UUID
    user_id: str
    source: str
    severity: str
    opened_at: datetime
    opened_by: str
    resolved_at: datetime | None
    resolved_by: str | None


def begin(conn: Connection, report: Report, *, actor: str, policy: Policy) -> Opened:
    """Open a crisis, or find the open one; what the person has now stays while it is open. Raises NotFound.

    The caller commits, then rings for `waiting` on the crisis lane, urgency OPEN_CRISIS.
    """
    has = held_access.now(conn, report.user_id, policy)
    parameters = {
        "user_id": report.user_id,
        "source": report.source,
        "severity": report.severity,
        "actor": actor,
        "level": has.level,
        "tier": has.tier,
        "severities": list(SEVERITIES),
    }
    row = conn.execute(load("crises")["begin"], parameters).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an upsert that returns always returns
    opened = Opened(row["id"], row["severity"], row["is_new"], move_waiting(conn, report.user_id))
    _tell_opened(conn, report, opened, actor=actor, at=row["opened_at"])
    access_changes.refresh_or_owe(conn, report.user_id, policy)
    return opened


def report_of(user_id: str, given: Assessment, thresholds: Thresholds) -> Report | None:
    """What a questionnaire has to report: danger, or nothing. ValueError for scores with faults.

    The score goes no further: where None comes back there is nothing to store, to log or to tell.
    """
    return Report(user_id, "assessment", SEVERITY) if means_danger(given, thresholds) else None


def resolve(conn: Connection, crisis_id: uuid.UUID, note: Note, *, actor: str, policy: Policy) -> Crisis:
    """Close it; grace that it held goes on for the hold's hours. Raises NotFound, AlreadyResolved."""
    found = find(conn, crisis_id)
    sealed = crisis_notes.seal(conn, crisis_id, note)
    parts = {"note_key_id": sealed.data_key_id, "note_nonce": sealed.nonce, "note_sealed": sealed.sealed}
    row = conn.execute(load("crises")["resolve"], {"id": crisis_id, "actor": actor, **parts}).fetchone()
    if row is None:
        raise AlreadyResolved("this crisis is resolved already")
    object_name = f"crisis:{crisis_id}"
    audit.record(conn, actor=actor, act="crisis.resolved", object=object_name, after={"userId": found.user_id})
    data = {"crisisId": str(crisis_id), "userId": found.user_id, "timestamp": iso(row["resolved_at"])}
    recipient = f"person:{found.user_id}"
    notices.owe(conn, cause=f"{object_name}:resolved", kind=RESOLVED, recipient=recipient, data=data)
    access_changes.refresh_or_owe(conn, found.user_id, policy)
    return find(conn, crisis_id)


def find(conn: Connection, crisis_id: uuid.UUID) -> Crisis:
    """Raises NotFound."""
    row = conn.execute(load("crises")["find"], {"id": crisis_id}).fetchone()
    if row is None:
        raise NotFound("no crisis goes by this id")
    return Crisis(**row)


def _tell_opened(conn: Connection, report: Report, opened: Opened, *, actor: str, at: datetime) -> None:
    name = f"crisis:{opened.crisis_id}"
    after = {"userId": report.user_id, "source": report.source, "severity": opened.severity}
    act = "crisis.opened" if opened.is_new else "crisis.reported_again"
    if opened.is_new:
        counts.CRISES.labels(report.source).inc()
    audit.record(conn, actor=actor, act=act, object=name, after=after)
    data = {"crisisId": str(opened.crisis_id), "userId": report.user_id, "severity": opened.severity}
    # Once for each severity: a crisis that grows graver is told again.
    notices.owe(
        conn,
        cause=f"{name}:{opened.severity}",
        kind=ACTIVATED,
        recipient=f"person:{report.user_id}",
        data={**data, "timestamp": iso(at)},
    )
