"""`/api/crisis`: that a person is in danger, and that it is over."""

import uuid
from collections.abc import Callable, Sequence
from http import HTTPStatus

from marshmallow import fields, validate

from ingress.api.calls import Asked, Call, Reply
from ingress.api.known_people import let_in
from ingress.api.problems import Problem
from ingress.api.shapes import Shape, one_of, user_id
from ingress.api.workings import Workings
from shared import crises
from shared.crises import Report
from shared.crisis_notes import Note
from shared.moments import iso
from shared.rules.access import SEVERITIES

_SCOPE = "crisis"
_BUTTON = "button"
_LONGEST_NOTE = 10_000


class CrisisGiven(Shape):
    user_id = user_id(required=True)
    source = one_of(_BUTTON, "clinician", "system", required=True)
    severity = one_of(*SEVERITIES, required=True)


class CrisisOpened(Shape):
    crisis_id = fields.UUID(required=True)
    severity = fields.String(required=True)


class NoteGiven(Shape):
    note = fields.String(
        required=True,
        validate=[validate.Length(min=1, max=_LONGEST_NOTE), validate.Regexp(r"(?s).*\S", error="It is empty.")],
        metadata={"pattern": r"\S", "description": "Kept sealed."},
    )


class CrisisResolved(Shape):
    crisis_id = fields.UUID(required=True)
    user_id = fields.String(required=True)
    resolved_at = fields.DateTime(required=True)


def begin(asked: Asked) -> Reply:
    """A person presses the button for themself; whoever has the scope reports for anybody."""
    person, workings = asked.body["user_id"], asked.workings
    asked.principal.require_own(person, scope=_SCOPE)
    if asked.body["source"] != _BUTTON:
        asked.principal.require(_SCOPE)
    let_in(asked, person)
    report = Report(person, asked.body["source"], asked.body["severity"])
    opened = crises.begin(asked.conn, report, actor=asked.actor, policy=workings.policy)
    return Reply(
        document={"crisisId": str(opened.crisis_id), "severity": opened.severity},
        status=HTTPStatus.CREATED if opened.is_new else HTTPStatus.OK,
        after=settled(workings, person, opened.waiting),
    )


def resolve(asked: Asked) -> Reply:
    workings = asked.workings
    note = Note(asked.body["note"], workings.public_key)
    crisis_id = _crisis_id(asked.path["crisis_id"])
    found = crises.resolve(asked.conn, crisis_id, note, actor=asked.actor, policy=workings.policy)
    document = {"crisisId": str(found.id), "userId": found.user_id, "resolvedAt": iso(found.resolved_at)}
    return Reply(document=document, after=settled(workings, found.user_id, ()))


def settled(workings: Workings, person: str, waiting: Sequence[int]) -> Callable[[], None]:
    """After the commit: the workers learn of what goes first now, and what is remembered for worse times is renewed."""

    def run() -> None:
        workings.ring_first(waiting)
        workings.answers.answer(person)

    return run


def _crisis_id(given: str) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except ValueError:
        raise Problem("NOT_FOUND", "no crisis goes by this id") from None


CALLS = [
    Call(
        name="openCrisis",
        method="POST",
        path="/api/crisis",
        summary="Open a crisis; where one is open (200) it may grow graver, never milder.",
        does=begin,
        body=CrisisGiven,
        gives={201: CrisisOpened, 200: CrisisOpened},
        scope=_SCOPE,
        problems=["NOT_FOUND"],
        is_open_to_people=True,
    ),
    Call(
        name="resolveCrisis",
        method="POST",
        path="/api/crisis/<crisis_id>/resolve",
        summary="A clinician says that it is over.",
        does=resolve,
        body=NoteGiven,
        gives={200: CrisisResolved},
        scope=_SCOPE,
        problems=["NOT_FOUND", "ALREADY_RESOLVED"],
    ),
]
