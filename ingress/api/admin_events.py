"""`/api/admin/…` over kept events: the log of deliveries, one event's whole story, replay, and how the walk stands."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from ingress.api.admin_bulk import BulkGiven, perform
from ingress.api.admin_shapes import BulkReport, EventStory, Logs, Status
from ingress.api.calls import Asked, Call, Reply
from ingress.api.problems import Problem
from ingress.api.shapes import Moment, Shape, one_of, text
from shared import events, explanation, status, webhook_logs
from shared.bulk_acts import REPLAY
from shared.moments import iso
from shared.rules.lanes import LANES

_MOST_NAMES = 50
_LARGEST_PAGE = 200
_LAST_PAGE = 10_000


class ReplayFilter(Shape):
    """A type may end in `*`; `since` and `until` are about receipt."""

    states = fields.List(one_of(*REPLAY.takes), load_default=[], validate=validate.Length(max=len(REPLAY.takes)))
    types = fields.List(text(), load_default=[], validate=validate.Length(max=_MOST_NAMES))
    lane = one_of(*LANES, load_default=None)
    account = text(load_default=None)
    person = text(load_default=None)
    object_id = text(load_default=None)
    since = Moment(load_default=None)
    until = Moment(load_default=None)


class ReplayGiven(BulkGiven):
    filter = fields.Nested(ReplayFilter, load_default=None)


class LogsWanted(Shape):
    event_type = text(load_default=None, metadata={"description": "May end in *."})
    status = one_of(*webhook_logs.STATUSES, load_default=None)
    start_date = Moment(load_default=None)
    end_date = Moment(load_default=None)
    entity_id = text(load_default=None, metadata={"description": "An object's, an event's or an account's id."})
    page = fields.Integer(load_default=1, validate=validate.Range(min=1, max=_LAST_PAGE))
    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=_LARGEST_PAGE))


class EventWanted(Shape):
    account = text(load_default=None, metadata={"description": "Tells apart events that share an id."})
    livemode = fields.Boolean(load_default=None)


def logs(asked: Asked) -> Reply:
    query = asked.query
    wanted = webhook_logs.Wanted(
        types=(query["event_type"],) if query["event_type"] else (),
        status=query["status"],
        since=query["start_date"],
        until=query["end_date"],
        entity=query["entity_id"],
    )
    found = webhook_logs.page(asked.conn, wanted, number=query["page"], size=query["limit"])
    page = {"page": query["page"], "limit": query["limit"], "total": found.total, "hasNext": found.has_next}
    return Reply(document={"logs": list(found.logs), "pagination": page, "filters": _taken(query)})


def _taken(query: Mapping[str, Any]) -> dict[str, object]:
    return {
        "eventType": query["event_type"],
        "status": query["status"],
        "startDate": iso(query["start_date"]),
        "endDate": iso(query["end_date"]),
        "entityId": query["entity_id"],
    }


def show(asked: Asked) -> Reply:
    """By its id, or by `#` and its row where several accounts share one."""
    reference, query = asked.path["event_id"].replace("\0", ""), asked.query
    named = events.find(asked.conn, [reference], account=query["account"], livemode=query["livemode"])
    found = named[reference]
    if not found:
        raise Problem("NOT_FOUND", "no event goes by this id")
    if len(found) > 1:
        candidates = [f"#{one.id}" for one in found]
        raise Problem("AMBIGUOUS", "several events share this id: name one by its row", errors={"eventId": candidates})
    return Reply(document=explanation.explain(asked.conn, found[0]).to_json())


def replay(asked: Asked) -> Reply:
    given: Mapping[str, Any] | None = asked.body["filter"]
    if given is None:
        return perform(asked, REPLAY, None)
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in given.items()}
    return perform(asked, REPLAY, events.Filter(**values))


def standing(asked: Asked) -> Reply:
    return Reply(document=status.read(asked.conn).to_json())


CALLS = [
    Call(
        name="getStatus", method="GET", path="/api/admin/status", does=standing, scope="admin:read",
        summary="Events by state, what waits in each lane, and alarms that stand.", gives={200: Status},
    ),
    Call(
        name="listWebhookLogs", method="GET", path="/api/admin/webhooks/logs", does=logs, scope="admin:read",
        summary="Stripe's deliveries, newest first, by page.", query=LogsWanted, gives={200: Logs},
    ),
    Call(
        name="getEvent", method="GET", path="/api/admin/events/<event_id>", does=show, scope="admin:read",
        summary="One event's whole story.", query=EventWanted, gives={200: EventStory},
        problems=["NOT_FOUND", "AMBIGUOUS"],
    ),
    Call(
        name="replayEvents", method="POST", path="/api/admin/events/replay", does=replay, scope="admin:write",
        summary="Carry events through again that have ended; no effect is repeated.",
        body=ReplayGiven, gives={200: BulkReport}, problems=["TOO_MANY"], is_atomic=False,
    ),
]  # fmt: skip
