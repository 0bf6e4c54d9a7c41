"""`GET /api/access/{userId}`: the one call that answers in time whatever is down, and is never 404."""

import time
from collections.abc import Callable

import structlog
from flask import Response, g, request
from marshmallow import fields

from ingress.api import etags
from ingress.api.access_ahead import KNOWN, Known
from ingress.api.calls import Call, Reply
from ingress.api.principals import Principal
from ingress.api.problems import Problem
from ingress.api.serving import document, respond
from ingress.api.shapes import Shape
from ingress.api.workings import Workings
from ingress.front import BEGAN
from shared import counts
from shared.access_document import Document
from shared.errors import TransientError
from shared.user_ids import is_user_id

log = structlog.get_logger(__name__)

_SCOPE = "access"
_IDENTITY_SECONDS = 0.02


class EmergencyFeatures(Shape):
    hotline_quick_dial = fields.Boolean(required=True)
    emergency_contacts_visible = fields.Boolean(required=True)
    safety_plan_accessible = fields.Boolean(required=True)
    crisis_button_highlighted = fields.Boolean(required=True)


class Sync(Shape):
    frequency = fields.String(required=True)
    data_limit = fields.String(required=True)


class GracePeriod(Shape):
    active = fields.Boolean(required=True)
    started_at = fields.DateTime(required=True, allow_none=True)
    ends_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "None while a crisis holds it open."}
    )
    days_left = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class CrisisState(Shape):
    active = fields.Boolean(required=True)
    severity = fields.String(required=True, allow_none=True)


class EmergencyState(Shape):
    active = fields.Boolean(required=True)
    level = fields.String(required=True, allow_none=True)
    ends_at = fields.DateTime(required=True, allow_none=True)


class Hotline(Shape):
    name = fields.String(required=True)
    phone = fields.String(required=True)
    text = fields.String(required=True)


class Access(Shape):
    user_id = fields.String(
        required=True, allow_none=True, metadata={"description": "None where the caller could not be checked."}
    )
    access_level = fields.String(required=True, metadata={"enum": ["full", "essential", "crisis_only"]})
    tier = fields.String(required=True)
    subscription_status = fields.String(required=True, allow_none=True)
    features = fields.List(fields.String(), required=True)
    emergency_features = fields.Nested(EmergencyFeatures, required=True)
    sync = fields.Nested(Sync, required=True)
    grace_period = fields.Nested(GracePeriod, required=True)
    crisis = fields.Nested(CrisisState, required=True)
    emergency_access = fields.Nested(EmergencyState, required=True)
    message = fields.String(required=True, metadata={"description": "For the person, in plain words."})
    hotline = fields.Nested(Hotline, required=True)
    as_of = fields.DateTime(required=True)
    degraded = fields.Boolean(
        required=True,
        metadata={"description": "True where it was not computed now but known before, or is the default."},
    )


def view_of(workings: Workings) -> Callable[..., Response]:
    def view(user_id: str) -> Response:
        # In the front, where a call may have waited for a thread.
        began: float = request.environ.get(BEGAN, time.monotonic())
        ahead: Known | None = request.environ.get(KNOWN)
        try:
            principal = _principal(workings, began) if ahead is None else ahead.principal
            principal.require_own(user_id, scope=_SCOPE)
        except Problem as problem:
            return respond(problem.answer(g.request_id))
        except TransientError:
            return document(counted(workings.answers.to_anybody()))
        except Exception:
            # A bug of ours, or a database without our tables: it must not stand between a person and care.
            log.exception("a caller could not be checked", action="access.failed")
            return document(counted(workings.answers.to_anybody()))
        if not is_user_id(user_id):
            return document(counted(workings.answers.unknown(user_id)))
        if ahead is not None:
            return etags.conditional(request, counted(workings.answers.told(user_id, ahead.reading)))
        return etags.conditional(request, counted(workings.answers.answer(user_id, began=began)))

    return view


def counted(answer: Document) -> Document:
    """Each answer bears the hotline's line; in danger, or where nothing is known, help is put in front."""
    counts.ACCESS_ANSWERS.labels(str(answer["accessLevel"]), str(answer["degraded"]).lower()).inc()
    features = answer["emergencyFeatures"]
    is_first = isinstance(features, dict) and features["crisisButtonHighlighted"]
    counts.HOTLINE_SHOWN.labels("first" if is_first else "usual").inc()
    return answer


def _principal(workings: Workings, began: float) -> Principal:
    stores = workings.answers.stores
    header = request.headers.get("Authorization")
    return workings.credentials.check(
        header, lambda question: stores.ask(question, began=began), wait_seconds=_IDENTITY_SECONDS
    )


def _served_apart(_asked: object) -> Reply:
    raise NotImplementedError


CALL = Call(
    name="getAccess",
    method="GET",
    path="/api/access/<whole:user_id>",
    summary="What a person may use now. Answers in time whatever is down; nobody is unknown to it.",
    does=_served_apart,
    gives={200: Access},
    scope=_SCOPE,
    is_open_to_people=True,
    is_conditional=True,
)
