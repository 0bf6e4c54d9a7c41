"""`POST /api/hotline-use`: an application tells that the hotline was called. It is counted, and nothing is kept."""

from http import HTTPStatus

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.shapes import Shape, one_of
from shared import counts

_SCOPE = "access"


class HotlineUse(Shape):
    how = one_of(*counts.HOW, required=True)


class HotlineNoted(Shape):
    noted = fields.Boolean(required=True)


def note(asked: Asked) -> Reply:
    """Not who: that somebody called a hotline is nothing that belongs into a database of payments."""
    if asked.principal.user_id is None:
        asked.principal.require(_SCOPE)
    how = asked.body["how"]
    return Reply(
        document={"noted": True}, status=HTTPStatus.ACCEPTED, after=lambda: counts.HOTLINE_USED.labels(how).inc()
    )


CALLS = [
    Call(
        name="noteHotlineUse",
        method="POST",
        path="/api/hotline-use",
        summary="Tell that the hotline was called from the application; it is counted, and nobody's name is asked.",
        does=note,
        body=HotlineUse,
        gives={202: HotlineNoted},
        scope=_SCOPE,
        is_open_to_people=True,
    )
]
