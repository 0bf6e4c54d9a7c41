"""What the operators' calls give: the documents that the commands print, in their looser parts left open."""

from marshmallow import INCLUDE, fields

from ingress.api.shapes import Shape


class Reason(Shape):
    class_ = fields.String(required=True, allow_none=True, data_key="class")
    code = fields.String(required=True, allow_none=True)
    path = fields.String(allow_none=True)
    message = fields.String(allow_none=True)


class Event(Shape):
    class Meta:
        unknown = INCLUDE

    event_id = fields.String(required=True)
    account = fields.String(required=True, allow_none=True)
    livemode = fields.Boolean(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)
    lane = fields.String(required=True)
    state = fields.String(required=True)
    reason = fields.Nested(Reason, required=True, allow_none=True)
    received_at = fields.DateTime(required=True)
    settled_at = fields.DateTime(required=True, allow_none=True)
    row_id = fields.Integer(required=True)


class EventStory(Event):
    attempts = fields.List(fields.Dict(), required=True)
    deliveries = fields.List(fields.Dict(), required=True)
    facts = fields.List(fields.Dict(), required=True)
    effects = fields.List(fields.Dict(), required=True)
    notices = fields.List(fields.Dict(), required=True)
    audit = fields.List(fields.Dict(), required=True)


class Events(Shape):
    events = fields.List(fields.Nested(Event), required=True)
    after = fields.String(required=True, allow_none=True)


class Cause(Shape):
    class_ = fields.String(required=True, allow_none=True, data_key="class")
    code = fields.String(required=True, allow_none=True)
    type = fields.String(required=True, allow_none=True)
    count = fields.Integer(required=True)


class DeadLetters(Shape):
    dead_letters = fields.List(fields.Nested(Event), required=True)
    causes = fields.List(fields.Nested(Cause), required=True)
    total = fields.Integer(required=True)
    after = fields.String(required=True, allow_none=True)


class Log(Shape):
    event_id = fields.String(required=True)
    row_id = fields.Integer(required=True)
    account = fields.String(required=True, allow_none=True)
    livemode = fields.Boolean(required=True, allow_none=True)
    event_type = fields.String(required=True, allow_none=True)
    entity_id = fields.String(required=True, allow_none=True)
    lane = fields.String(required=True)
    status = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)
    reason = fields.Nested(Reason, required=True, allow_none=True)
    attempts = fields.Integer(required=True, allow_none=True)
    secret_name = fields.String(required=True, allow_none=True)
    received_at = fields.DateTime(required=True)
    settled_at = fields.DateTime(required=True, allow_none=True)


class Pagination(Shape):
    page = fields.Integer(required=True)
    limit = fields.Integer(required=True)
    total = fields.Integer(required=True, metadata={"description": "Counted up to 100,000."})
    has_next = fields.Boolean(required=True)


class Logs(Shape):
    logs = fields.List(fields.Nested(Log), required=True)
    pagination = fields.Nested(Pagination, required=True)
    filters = fields.Dict(required=True, metadata={"description": "The filters that were taken."})


class Status(Shape):
    events = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    events_estimated = fields.Boolean(required=True)
    lanes = fields.Dict(required=True)
    guards = fields.List(fields.Dict(), required=True)
    owed = fields.Dict(required=True)


class Outcome(Shape):
    class Meta:
        unknown = INCLUDE

    id = fields.String(required=True)
    outcome = fields.String(required=True)


class BulkReport(Shape):
    dry_run = fields.Boolean(required=True)
    matched = fields.Integer(required=True)
    counts = fields.List(fields.Dict())
    cancelled = fields.Boolean(required=True, metadata={"description": "Time ran out: call again for the rest."})
    outcomes = fields.List(fields.Nested(Outcome), required=True)
