"""`/api/admin/reconcile`: compare a person's objects or one object with Stripe's, now, and learn what came of it."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from ingress.api.calls import Asked, Call, Reply
from ingress.api.problems import Problem
from ingress.api.shapes import Flag, Shape, one_of, text, user_id
from shared import audit, comparisons
from shared.bulk_acts import Mandate
from shared.comparisons import Comparison
from shared.moments import iso
from shared.reasons import LONGEST_REASON
from shared.task_messages import COMPARE

WAITING, RUNNING, DONE, REFUSED = "waiting", "running", "done", "refused"
_NO_REASON = "a service asks"


class ReconcileGiven(Shape):
    """A person's objects, one object or registered payout, or both; with `dryRun` what has drifted is left so."""

    user_id = user_id(load_default=None)
    subject_id = text(load_default=None)
    dry_run = Flag(load_default=False)
    reason = text(LONGEST_REASON, load_default=None, metadata={"description": "Kept in the audit trail."})

    @validates_schema
    def _names_something(self, data: Mapping[str, Any], **_more: Any) -> None:
        if data.get("user_id") is None and data.get("subject_id") is None:
            raise ValidationError("A userId or a subjectId is needed: all is compared by the command.", "userId")


class Reconciliation(Shape):
    id = fields.UUID(required=True)
    status = one_of(WAITING, RUNNING, DONE, REFUSED, required=True)
    dry_run = fields.Boolean(required=True)
    refused = fields.String(required=True, allow_none=True, metadata={"description": "Why nothing was compared."})
    known = fields.Integer(required=True, allow_none=True, metadata={"description": "Objects to be compared."})
    compared = fields.Integer(required=True, allow_none=True, metadata={"description": "Less: no time was left."})
    findings = fields.List(fields.Dict(), required=True, metadata={"description": "What had drifted, with both sides."})
    asked_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


def begin(asked: Asked) -> Reply:
    body, conn = asked.body, asked.conn
    person, subject, dry_run = body["user_id"], body["subject_id"], body["dry_run"]
    mandate = Mandate(asked.actor, (body["reason"] or "").strip() or _NO_REASON)
    comparisons.require_room(conn)
    names = [] if person is None else comparisons.of_person(conn, person)
    if subject is not None and subject not in names:
        names.append(subject)
    if person is not None:
        about = f"person:{person}"
        audit.record(conn, actor=mandate.actor, act="reconcile.asked", object=about, reason=mandate.reason)
    found = comparisons.find(conn, comparisons.ask(conn, names, mandate=mandate, dry_run=dry_run))
    return Reply(
        document=_document(found),
        status=HTTPStatus.ACCEPTED,
        after=lambda: asked.workings.tell_worker(COMPARE, str(found.id)),
    )


def show(asked: Asked) -> Reply:
    try:
        wanted = uuid.UUID(asked.path["id"])
    except ValueError:
        raise Problem("NOT_FOUND", "no comparison goes by this id") from None
    return Reply(document=_document(comparisons.find(asked.conn, wanted)))


def _document(one: Comparison) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "status": _status(one),
        "dryRun": one.dry_run,
        "refused": one.refused,
        "known": one.known,
        "compared": one.compared,
        "findings": list(one.findings or ()),
        "askedAt": iso(one.asked_at),
        "endedAt": iso(one.ended_at),
    }


def _status(one: Comparison) -> str:
    if one.ended_at is None:
        return WAITING if one.taken_at is None else RUNNING
    return DONE if one.refused is None else REFUSED


CALLS = [
    Call(
        name="reconcile", method="POST", path="/api/admin/reconcile", does=begin, scope="admin:write",
        summary="Have a worker compare with Stripe's own objects, and put right what has drifted.",
        body=ReconcileGiven, gives={202: Reconciliation}, problems=["NOT_FOUND", "TOO_MANY"],
    ),
    Call(
        name="getReconciliation", method="GET", path="/api/admin/reconcile/<id>", does=show, scope="admin:read",
        summary="What came of it; kept for 30 days.", gives={200: Reconciliation}, problems=["NOT_FOUND"],
    ),
]  # fmt: skip
