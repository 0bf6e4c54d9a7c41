"""`POST /api/emergency-access`: access for a time, for a reason or with a one-time code."""

from http import HTTPStatus
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from ingress.api.calls import Asked, Call, Reply
from ingress.api.crises import settled
from ingress.api.known_people import let_in
from ingress.api.problems import Problem
from ingress.api.shapes import Shape, one_of, text, user_id
from shared import emergency
from shared.emergency import Refused, Terms
from shared.moments import iso
from shared.people_settings import emergency_of
from shared.rules.emergency import REASONS

_SCOPE = "access"
_LONGEST_CODE = 40


class EmergencyGiven(Shape):
    user_id = user_id(required=True)
    reason = one_of(*REASONS, load_default=None)
    code = text(_LONGEST_CODE, load_default=None, metadata={"description": "One-time; with it no reason is needed."})

    @validates_schema
    def _needs_one(self, data: dict[str, Any], **_more: Any) -> None:
        if data.get("reason") is None and data.get("code") is None:
            raise ValidationError("A reason or a code is needed.", "reason")


class EmergencyOpened(Shape):
    level = fields.String(required=True)
    ends_at = fields.DateTime(required=True)


def begin(asked: Asked) -> Reply:
    person, workings = asked.body["user_id"], asked.workings
    asked.principal.require_own(person, scope=_SCOPE)
    let_in(asked, person)
    terms = Terms(policy=workings.policy, rule=emergency_of(workings.settings), lookup_key=workings.lookup_key)
    code = asked.body["code"]
    if code is None:
        opened = emergency.begin(asked.conn, person, asked.body["reason"], actor=asked.actor, terms=terms)
    else:
        redeemed = emergency.redeem(asked.conn, person, code, actor=asked.actor, terms=terms)
        if isinstance(redeemed, Refused):
            return Reply(problem=_refused(redeemed))  # a reply, so that it is committed: it counts
        opened = redeemed
    return Reply(
        document={"level": opened.level, "endsAt": iso(opened.ends_at)},
        status=HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK,
        after=settled(workings, person, opened.waiting),
    )


def _refused(refused: Refused) -> Problem:
    if refused.retry_after_seconds is None:
        return Problem("WRONG_CODE")
    return Problem("TOO_MANY_CODES", headers={"Retry-After": str(refused.retry_after_seconds)})


CALLS = [
    Call(
        name="openEmergencyAccess",
        method="POST",
        path="/api/emergency-access",
        summary="Open emergency access; where it is open for that reason already (200) it stays as it is.",
        does=begin,
        body=EmergencyGiven,
        gives={201: EmergencyOpened, 200: EmergencyOpened},
        scope=_SCOPE,
        problems=["NOT_FOUND", "WRONG_CODE", "TOO_MANY_CODES"],
        is_open_to_people=True,
    )
]
