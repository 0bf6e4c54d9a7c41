"""`POST /api/assessments`: a questionnaire's score against the thresholds; the score goes no further than this."""

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.crises import settled
from ingress.api.known_people import let_in
from ingress.api.problems import Problem
from ingress.api.shapes import Shape, one_of, user_id, whole
from shared import crises
from shared.people_settings import thresholds_of
from shared.rules.assessment import INSTRUMENTS, Assessment, faults

_SCOPE = "crisis"
_HIGHEST_OF_ANY = 27


class AssessmentGiven(Shape):
    user_id = user_id(required=True)
    instrument = one_of(*INSTRUMENTS, required=True)
    total = whole(0, _HIGHEST_OF_ANY, required=True)
    item9 = whole(0, 3, load_default=None, metadata={"description": "PHQ-9 only."})


class AssessmentOutcome(Shape):
    crisis = fields.Boolean(required=True)
    crisis_id = fields.UUID()


def assess(asked: Asked) -> Reply:
    person, workings = asked.body["user_id"], asked.workings
    asked.principal.require_own(person, scope=_SCOPE)
    given = Assessment(instrument=asked.body["instrument"], total=asked.body["total"], item9=asked.body["item9"])
    if wrong := faults(given):
        raise Problem("INVALID_FIELDS", errors={name: [words] for name, words in wrong.items()})
    let_in(asked, person)
    report = crises.report_of(person, given, thresholds_of(workings.settings))
    if report is None:
        return Reply(document={"crisis": False})
    opened = crises.begin(asked.conn, report, actor=asked.actor, policy=workings.policy)
    return Reply(
        document={"crisis": True, "crisisId": str(opened.crisis_id)}, after=settled(workings, person, opened.waiting)
    )


CALLS = [
    Call(
        name="assess",
        method="POST",
        path="/api/assessments",
        summary="Hold a questionnaire's score against the thresholds; nothing but the outcome is kept.",
        does=assess,
        body=AssessmentGiven,
        gives={200: AssessmentOutcome},
        scope=_SCOPE,
        problems=["NOT_FOUND"],
        is_open_to_people=True,
    )
]
