"""`GET /api/accounts/{accountId}`: whether a creator's connected account can be paid."""

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.payouts import own_creator
from ingress.api.problems import Problem
from ingress.api.shapes import Shape
from shared import payout_views

_SCOPE = "payouts"


class Account(Shape):
    account_id = fields.String(required=True)
    creator_id = fields.String(required=True, allow_none=True)
    onboarding_status = fields.String(required=True, metadata={"enum": ["pending", "completed", "restricted"]})
    payouts_enabled = fields.Boolean(required=True)
    charges_enabled = fields.Boolean(required=True)
    requirements_count = fields.Integer(required=True)
    updated_at = fields.DateTime(required=True)


def read(asked: Asked) -> Reply:
    account_id, own = asked.path["account_id"].replace("\0", ""), own_creator(asked)
    # Before anything is looked up: whether an account exists is told to nobody else.
    if own is not None and payout_views.creator_of(asked.conn, account_id) != own:
        raise Problem("NOT_YOURS")
    document = payout_views.account(asked.conn, account_id, livemode=asked.workings.settings.livemode)
    return Reply(document=document)


CALLS = [
    Call(
        name="getAccount",
        method="GET",
        path="/api/accounts/<account_id>",
        summary="A creator's connected account: its onboarding, and how much Stripe still asks of it.",
        does=read,
        gives={200: Account},
        scope=_SCOPE,
        problems=["NOT_FOUND"],
        is_open_to_people=True,
    )
]
