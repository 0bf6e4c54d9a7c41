"""`GET /api/payment-status/{userId}`: subscriptions, and how the last payment went."""

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.shapes import Shape
from shared import payment_status
from shared.errors import NotFound
from shared.user_ids import is_user_id

_SCOPE = "access"


class Subscription(Shape):
    subscription_id = fields.String(required=True)
    status = fields.String(required=True)
    price_id = fields.String(required=True, allow_none=True)
    cancel_at_period_end = fields.Boolean(required=True, allow_none=True)
    current_period_end = fields.DateTime(required=True, allow_none=True)
    trial_end = fields.DateTime(required=True, allow_none=True)
    ended_at = fields.DateTime(required=True, allow_none=True)


class LastPayment(Shape):
    status = fields.String(required=True, metadata={"enum": ["succeeded", "failed"]})
    at = fields.DateTime(required=True)


class PaymentStatus(Shape):
    user_id = fields.String(required=True)
    subscriptions = fields.List(fields.Nested(Subscription), required=True)
    last_payment = fields.Nested(LastPayment, required=True, allow_none=True)
    payment_method_on_file = fields.Boolean(required=True)
    as_of = fields.DateTime(required=True)


def read(asked: Asked) -> Reply:
    user_id = asked.path["user_id"]
    asked.principal.require_own(user_id, scope=_SCOPE)
    if not is_user_id(user_id):
        raise NotFound("no person goes by this id")
    return Reply(document=payment_status.document(asked.conn, user_id))


CALLS = [
    Call(
        name="getPaymentStatus",
        method="GET",
        path="/api/payment-status/<user_id>",
        summary="A person's subscriptions, and how the last payment went.",
        does=read,
        gives={200: PaymentStatus},
        scope=_SCOPE,
        problems=["NOT_FOUND"],
        is_open_to_people=True,
        is_conditional=True,
    )
]
