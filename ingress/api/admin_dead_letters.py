"""`/api/admin/dead-letters`: what could not be processed; requeue or discard it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from ingress.api import cursors
from ingress.api.admin_bulk import BulkGiven, perform
from ingress.api.admin_shapes import BulkReport, DeadLetters
from ingress.api.calls import Asked, Call, Reply
from ingress.api.shapes import Flag, Moment, Page, Shape, one_of, text
from shared import dead_letters
from shared.bulk_acts import DISCARD, REQUEUE, Act
from shared.rules.lanes import LANES

_MOST_NAMES = 50


class DeadFilter(Shape):
    """A type may end in `*`; `since` and `until` are about their death."""

    types = fields.List(text(), load_default=[], validate=validate.Length(max=_MOST_NAMES))
    classes = fields.List(text(), load_default=[], validate=validate.Length(max=_MOST_NAMES))
    codes = fields.List(text(), load_default=[], validate=validate.Length(max=_MOST_NAMES))
    account = text(load_default=None)
    lane = one_of(*LANES, load_default=None)
    person = text(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)
    text = text(load_default=None)
    discarded = Flag(load_default=False)


class DeadGiven(BulkGiven):
    filter = fields.Nested(DeadFilter, load_default=None)


class DeadWanted(Page):
    """One of each; a type may end in `*`."""

    type = text(load_default=None)
    error_class = text(load_default=None)
    code = text(load_default=None)
    account = text(load_default=None)
    lane = one_of(*LANES, load_default=None)
    person = text(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)
    text = text(load_default=None)
    discarded = fields.Boolean(load_default=False)


def listing(asked: Asked) -> Reply:
    query = dict(asked.query)
    after, limit = cursors.read_row(query.pop("after")), query.pop("limit")
    named = {"types": query.pop("type"), "classes": query.pop("error_class"), "codes": query.pop("code")}
    query |= {name: (one,) if one else () for name, one in named.items()}
    wanted = dead_letters.Filter(**query)
    causes = dead_letters.causes(asked.conn, wanted)
    found = dead_letters.listing(asked.conn, wanted, after=after, most=limit + 1)
    page, further = cursors.cut(found, limit, lambda event: str(event.id))
    return Reply(
        document={
            "deadLetters": [event.to_json() for event in page],
            "causes": [cause.to_json() for cause in causes],
            "total": sum(cause.count for cause in causes),
            "after": further,
        }
    )


def requeue(asked: Asked) -> Reply:
    return _perform(asked, REQUEUE)


def discard(asked: Asked) -> Reply:
    return _perform(asked, DISCARD)


def _perform(asked: Asked, act: Act) -> Reply:
    given: Mapping[str, Any] | None = asked.body["filter"]
    return perform(asked, act, None if given is None else dead_letters.Filter(**_as_tuples(given)))


def _as_tuples(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


CALLS = [
    Call(
        name="listDeadLetters", method="GET", path="/api/admin/dead-letters", does=listing, scope="admin:read",
        summary="Dead letters, newest first, with a count of what they died of.",
        query=DeadWanted, gives={200: DeadLetters},
    ),
    Call(
        name="requeueDeadLetters", method="POST", path="/api/admin/dead-letters/requeue", does=requeue,
        scope="admin:write", summary="Try dead letters again: a new series of attempts, the old history stays.",
        body=DeadGiven, gives={200: BulkReport}, problems=["TOO_MANY"], is_atomic=False,
    ),
    Call(
        name="discardDeadLetters", method="POST", path="/api/admin/dead-letters/discard", does=discard,
        scope="admin:write", summary="Put dead letters aside; a requeue undoes it.",
        body=DeadGiven, gives={200: BulkReport}, problems=["TOO_MANY"], is_atomic=False,
    ),
]  # fmt: skip
