"""`PUT /api/people/{userId}`: who a person is to Stripe and as a creator."""

from http import HTTPStatus

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.problems import Problem
from ingress.api.shapes import Shape, text, whole
from shared import people
from shared.people import Link
from shared.user_ids import is_user_id

_MOST_GRACE_DAYS = 365
_LONGEST_REF = 500


class PersonGiven(Shape):
    """What is absent or null stays as it is known."""

    stripe_customer_id = text(load_default=None)
    creator_id = text(load_default=None)
    safety_plan_ref = text(_LONGEST_REF, load_default=None)
    emergency_contacts_ref = text(_LONGEST_REF, load_default=None)
    grace_days = whole(1, _MOST_GRACE_DAYS, load_default=None)


class Person(Shape):
    user_id = fields.String(required=True)
    creator_id = fields.String(required=True, allow_none=True)
    safety_plan_ref = fields.String(required=True, allow_none=True)
    emergency_contacts_ref = fields.String(required=True, allow_none=True)
    grace_days = fields.Integer(required=True, allow_none=True)


def link(asked: Asked) -> Reply:
    user_id, workings = asked.path["user_id"], asked.workings
    if not is_user_id(user_id):
        raise Problem("INVALID_FIELDS", errors={"userId": ["It cannot be an id."]})
    given = dict(asked.body)
    customer = given.pop("stripe_customer_id")
    wanted = Link(person=people.Person(user_id=user_id, **given), stripe_customer_id=customer)
    linked = people.link(asked.conn, wanted, actor=asked.actor, lookup_key=workings.lookup_key, policy=workings.policy)
    known = people.require(asked.conn, user_id)
    return Reply(
        document=as_person(known),
        status=HTTPStatus.CREATED if linked.is_new else HTTPStatus.OK,
        after=lambda: workings.ring_first(linked.waiting),
    )


def as_person(known: people.Person) -> dict[str, object]:
    return {
        "userId": known.user_id,
        "creatorId": known.creator_id,
        "safetyPlanRef": known.safety_plan_ref,
        "emergencyContactsRef": known.emergency_contacts_ref,
        "graceDays": known.grace_days,
    }


CALLS = [
    Call(
        name="putPerson",
        method="PUT",
        path="/api/people/<user_id>",
        summary="Make a person known, or add to what is known; what is not given stays.",
        does=link,
        body=PersonGiven,
        gives={200: Person, 201: Person},
        scope="people",
        problems=["ALREADY_LINKED"],
    )
]
