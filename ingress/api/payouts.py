"""`/api/payouts`: what the application owes its creators, and how far each has come. Creators see their own."""

from http import HTTPStatus

from marshmallow import fields, validate

from ingress.api import cursors
from ingress.api.calls import Asked, Call, Reply
from ingress.api.problems import Problem
from ingress.api.shapes import Page, Shape, one_of, text, whole
from shared import payout_registration, payout_views, people
from shared.payout_registration import Given
from shared.payout_views import Wanted
from shared.rules.owed_payout import STEPS

_SCOPE = "payouts"


class PayoutGiven(Shape):
    creator_id = text(required=True)
    amount_minor = whole(0, required=True)
    currency = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Za-z]{3}\Z", error="It is not a currency of three letters."),
        metadata={"pattern": "^[A-Za-z]{3}$"},
    )
    stripe_account_id = text(required=True)
    stripe_transfer_id = text(load_default=None, allow_none=True)
    stripe_payout_id = text(load_default=None, allow_none=True)
    livemode = fields.Boolean(
        load_default=None, allow_none=True, metadata={"description": "Else CARELANE_LIVEMODE; else both modes."}
    )


class Step(Shape):
    from_ = fields.String(required=True, allow_none=True, data_key="from")
    status = fields.String(required=True)
    at = fields.DateTime(required=True)


class Payout(Shape):
    payout_id = fields.String(required=True)
    creator_id = fields.String(required=True)
    status = fields.String(required=True, metadata={"enum": list(STEPS)})
    amount_minor = fields.Integer(required=True, metadata={"description": "Stripe's figure where it has told one."})
    currency = fields.String(required=True)
    registered_amount_minor = fields.Integer(required=True)
    registered_currency = fields.String(required=True)
    stripe_account_id = fields.String(required=True)
    stripe_transfer_id = fields.String(required=True, allow_none=True)
    stripe_payout_id = fields.String(required=True, allow_none=True)
    livemode = fields.Boolean(required=True)
    arrival_date = fields.DateTime(required=True, allow_none=True)
    processed_at = fields.DateTime(required=True, allow_none=True)
    failed_reason = fields.String(required=True, allow_none=True)
    retryable = fields.Boolean(required=True)
    user_action_required = fields.Boolean(required=True)
    stale = fields.Boolean(required=True)
    amount_mismatch = fields.Boolean(required=True)
    message = fields.String(required=True)
    history = fields.List(fields.Nested(Step), required=True)


class PayoutsWanted(Page):
    status = one_of(*STEPS, load_default=None)
    stale = fields.Boolean(load_default=None)
    creator_id = text(load_default=None)


class Payouts(Shape):
    payouts = fields.List(fields.Nested(Payout), required=True)
    after = fields.String(required=True, allow_none=True)


def register(asked: Asked) -> Reply:
    if asked.principal.user_id is not None:
        # An admin sees all payouts; what is owed, and to which account, the backend alone says.
        raise Problem("MISSING_SCOPE", "payouts are registered by a service")
    settings, body = asked.workings.settings, dict(asked.body)
    mode = body.pop("livemode")
    given = Given(payout_id=asked.path["payout_id"], livemode=settings.livemode if mode is None else mode, **body)
    if not given.payout_id.isprintable() or len(given.payout_id) > 255:  # noqa: PLR2004 - as every other id here
        raise Problem("INVALID_FIELDS", errors={"payoutId": ["It cannot be an id."]})
    done = payout_registration.register(asked.conn, given, actor=asked.actor)
    if done.taken:
        raise Problem("ALREADY_REGISTERED", f"another payout was registered with this {' and '.join(done.taken)}")
    wanted = Wanted(stale_hours=settings.payout_stale_hours, payout_id=given.payout_id, livemode=given.livemode)
    status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
    return Reply(document=payout_views.one(asked.conn, wanted), status=status)


def read(asked: Asked) -> Reply:
    wanted = Wanted(
        stale_hours=asked.workings.settings.payout_stale_hours,
        livemode=asked.workings.settings.livemode,
        payout_id=asked.path["payout_id"].replace("\0", ""),
        creator_id=own_creator(asked),
    )
    return Reply(document=payout_views.one(asked.conn, wanted))


def listing(asked: Asked) -> Reply:
    query, limit = asked.query, asked.query["limit"]
    own = own_creator(asked)
    if own is not None and query["creator_id"] not in {None, own}:
        raise Problem("NOT_YOURS")
    wanted = Wanted(
        stale_hours=asked.workings.settings.payout_stale_hours,
        livemode=asked.workings.settings.livemode,
        creator_id=own or query["creator_id"],
        status=query["status"],
        stale=query["stale"],
    )
    found = payout_views.listing(asked.conn, wanted, after=cursors.read(query["after"]), most=limit + 1)
    page, after = cursors.cut(found, limit, lambda one: str(one["payoutId"]))
    return Reply(document={"payouts": list(page), "after": after})


def own_creator(asked: Asked) -> str | None:
    """The creator that a person without the scope is; None for who may see all."""
    if _SCOPE in asked.principal.scopes:
        return None
    user_id = asked.principal.user_id
    if user_id is None:
        asked.principal.require(_SCOPE)
        return None
    known = people.find(asked.conn, user_id)
    if known is None or known.creator_id is None:
        raise Problem("NOT_YOURS", "this person is no creator")
    return known.creator_id


CALLS = [
    Call(
        name="putPayout", method="PUT", path="/api/payouts/<payout_id>", does=register, scope=_SCOPE,
        summary="Register what is owed, or correct it; events that came before are examined again.",
        body=PayoutGiven, gives={200: Payout, 201: Payout}, problems=["ALREADY_REGISTERED"],
    ),
    Call(
        name="getPayout", method="GET", path="/api/payouts/<payout_id>", does=read, scope=_SCOPE,
        summary="How far a payout has come.", gives={200: Payout}, problems=["NOT_FOUND"], is_open_to_people=True,
    ),
    Call(
        name="listPayouts", method="GET", path="/api/payouts", does=listing, scope=_SCOPE,
        summary="Payouts in the order of their ids; a creator sees their own.",
        query=PayoutsWanted, gives={200: Payouts}, is_open_to_people=True,
    ),
]  # fmt: skip
