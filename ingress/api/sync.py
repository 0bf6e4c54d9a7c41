"""`GET /api/sync`, `POST /api/sync/ack`: how a device catches up, and says how far it has come."""

from marshmallow import fields, validate

from ingress.api import sync_cursors
from ingress.api.calls import Asked, Call, Reply
from ingress.api.devices import SCOPE, Pace
from ingress.api.shapes import LARGEST, Shape, Whole, text
from shared import devices, sync
from shared.devices import Device
from shared.rules.sync_operations import ENTITIES, PRIORITIES, TYPES

_LONGEST_CURSOR = 400
# One state of each entity at most, so every catch-up is one page.
_LEAST, _MOST = len(ENTITIES), 200


class SyncWanted(Shape):
    device_id = text(required=True)
    after = text(_LONGEST_CURSOR, load_default=None, metadata={"description": "Absent: everything as it is now."})
    limit = fields.Integer(load_default=50, validate=validate.Range(min=_LEAST, max=_MOST))


class OperationTold(Shape):
    type = fields.String(required=True, metadata={"enum": list(TYPES)})
    entity = fields.String(required=True, metadata={"enum": list(ENTITIES)})
    priority = fields.String(required=True, metadata={"enum": list(PRIORITIES)})
    targets = fields.Raw(required=True, metadata={"description": "`all`, or a list of device ids."})
    payload = fields.Dict(required=True)
    version = fields.Integer(required=True, metadata={"description": "Of two of one entity the greater holds."})
    timestamp = fields.DateTime(required=True)


class Operations(Shape):
    operations = fields.List(fields.Nested(OperationTold), required=True)
    cursor = fields.String(required=True)
    snapshot = fields.Boolean(
        required=True, metadata={"description": "These replace all that the device holds of Carelane."}
    )
    snapshot_reason = fields.String(
        required=True, allow_none=True, metadata={"enum": ["first", "retention", "restored", None]}
    )
    pace = fields.Nested(Pace, required=True)


class AckGiven(Shape):
    device_id = text(required=True)
    cursor = text(_LONGEST_CURSOR, required=True)
    holds = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ENTITIES)),
        values=Whole(validate=validate.Range(min=0, max=LARGEST)),
        load_default=dict,
        metadata={"description": "The version that the device holds of each entity, to have it checked."},
    )


class ConflictTold(Shape):
    entity = fields.String(required=True)
    held = fields.Integer(required=True)
    reason = fields.String(required=True, metadata={"enum": ["superseded", "never_given"]})
    operation = fields.Nested(OperationTold, required=True)


class Acknowledged(Shape):
    device_id = fields.String(required=True)
    cursor = fields.String(required=True, metadata={"description": "The farthest it has ever acknowledged."})
    conflicts = fields.List(fields.Nested(ConflictTold), required=True)


def read(asked: Asked) -> Reply:
    workings, device = asked.workings, _device(asked, asked.query["device_id"])
    given = asked.query["after"]
    after = None if given is None else sync_cursors.read(workings.lookup_key, _key(device), given)
    kept_days = workings.settings.notice_days
    found = sync.catch_up(asked.conn, device, workings.policy, after=after, kept_days=kept_days)
    document = {
        "operations": list(found.operations),
        "cursor": sync_cursors.write(workings.lookup_key, _key(device), found.upto),
        "snapshot": found.why is not None,
        "snapshotReason": found.why,
        "pace": found.pace,
    }
    return Reply(document=document)


def acknowledge(asked: Asked) -> Reply:
    workings, device = asked.workings, _device(asked, asked.body["device_id"])
    position = sync_cursors.read(workings.lookup_key, _key(device), asked.body["cursor"])
    acked = devices.acknowledge(asked.conn, device.device_id, position)
    differs = sync.differences(asked.conn, device, workings.policy, asked.body["holds"], upto=acked)
    told = [
        {
            "entity": one.conflict.entity,
            "held": one.conflict.held,
            "reason": one.conflict.why,
            "operation": one.operation,
        }
        for one in differs
    ]
    cursor = sync_cursors.write(workings.lookup_key, _key(device), acked)
    return Reply(document={"deviceId": device.device_id, "cursor": cursor, "conflicts": told})


def _device(asked: Asked, device_id: str) -> Device:
    """The caller's own, or anybody's for who may see all."""
    principal = asked.principal
    if SCOPE in principal.scopes:
        return devices.require(asked.conn, device_id)
    if principal.user_id is None:
        principal.require(SCOPE)
    return devices.require(asked.conn, device_id, of=principal.user_id)


def _key(device: Device) -> tuple[str, str]:
    return device.device_id, device.user_id


CALLS = [
    Call(
        name="getSync", method="GET", path="/api/sync", does=read, scope=SCOPE,
        summary="What a device has missed since its cursor, one state of each entity; or everything, marked so.",
        query=SyncWanted, gives={200: Operations}, problems=["UNKNOWN_DEVICE", "FOREIGN_CURSOR"],
        is_open_to_people=True,
    ),
    Call(
        name="acknowledgeSync", method="POST", path="/api/sync/ack", does=acknowledge, scope=SCOPE,
        summary="Say up to where all has arrived; where the device holds something else than is so, it is told why.",
        body=AckGiven, gives={200: Acknowledged}, problems=["UNKNOWN_DEVICE", "FOREIGN_CURSOR"],
        is_open_to_people=True,
    ),
]  # fmt: skip
