"""`PUT /api/devices/{deviceId}`: the devices that are kept in step with what their person may use."""

from http import HTTPStatus
from typing import Any

from marshmallow import fields

from ingress.api.calls import Asked, Call, Reply
from ingress.api.known_people import let_in
from ingress.api.problems import Problem
from ingress.api.shapes import Shape, one_of, user_id
from shared import devices, sync, sync_owed
from shared.devices import PLATFORMS, Registered
from shared.moments import iso
from shared.rules.sync_operations import of_devices
from shared.user_ids import is_user_id

SCOPE = "devices"


class DeviceGiven(Shape):
    user_id = user_id(required=True)
    platform = one_of(*PLATFORMS, required=True)


class Pace(Shape):
    frequency = fields.String(required=True)
    batch_seconds = fields.Integer(
        required=True, metadata={"description": "How long the stream gathers what may wait."}
    )
    batch_most = fields.Integer(required=True)
    heartbeat_seconds = fields.Integer(required=True)
    poll_seconds = fields.Integer(required=True, metadata={"description": "For a device that holds no stream."})


class Device(Shape):
    device_id = fields.String(required=True)
    user_id = fields.String(required=True)
    platform = fields.String(required=True, metadata={"enum": list(PLATFORMS)})
    registered_at = fields.DateTime(required=True)
    pace = fields.Nested(Pace, required=True)


def register(asked: Asked) -> Reply:
    device_id, person = asked.path["device_id"], asked.body["user_id"]
    asked.principal.require_own(person, scope=SCOPE)
    if not is_user_id(device_id):
        raise Problem("INVALID_FIELDS", errors={"deviceId": ["It cannot be an id."]})
    if SCOPE not in asked.principal.scopes:
        _refuse_anothers(asked, device_id)
        let_in(asked, person)
    done = devices.register(asked.conn, device_id, person, asked.body["platform"], actor=asked.actor)
    if done.is_new and done.others:
        told = of_devices(len(done.others) + 1, targets=done.others)
        sync_owed.owe_once(asked.conn, person, [told])
    status = HTTPStatus.CREATED if done.is_new else HTTPStatus.OK
    return Reply(document=_document(asked, done), status=status)


def _refuse_anothers(asked: Asked, device_id: str) -> None:
    """Else a person could cut another's device off; the backend may move one that was handed on."""
    known = devices.find(asked.conn, device_id)
    if known is not None and not asked.principal.is_person(known.user_id):
        raise Problem("NOT_YOURS")


def _document(asked: Asked, done: Registered) -> dict[str, Any]:
    device = done.device
    return {
        "deviceId": device.device_id,
        "userId": device.user_id,
        "platform": device.platform,
        "registeredAt": iso(device.registered_at),
        "pace": sync.pace_of(asked.conn, device.user_id, asked.workings.policy),
    }


CALLS = [
    Call(
        name="putDevice", method="PUT", path="/api/devices/<device_id>", does=register, scope=SCOPE,
        summary="Make a device known as a person's; the others of the person are told that there is one more.",
        body=DeviceGiven, gives={200: Device, 201: Device}, problems=["NOT_FOUND", "TOO_MANY"],
        is_open_to_people=True,
    ),
]  # fmt: skip
