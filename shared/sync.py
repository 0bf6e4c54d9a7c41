"""What a device has missed: the last state of each entity since its cursor, or everything as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shared import access, devices, outbox, people
from shared.access_document import document
from shared.db import Connection
from shared.devices import Device
from shared.moments import iso
from shared.queries import load
from shared.rules.standing import Policy
from shared.rules.sync_conflicts import Conflict, conflicts
from shared.rules.sync_operations import KIND, PRIORITIES, Operation, of_access, of_crisis, of_devices, of_reference
from shared.rules.sync_pace import PACES, poll_seconds

Why = Literal["first", "retention", "restored"]


@dataclass(frozen=True, slots=True)
class Caught:
    """`upto` is where to go on; `why` everything was read anew, None where only what is new was."""

    operations: tuple[Mapping[str, Any], ...]
    upto: int
    why: Why | None
    pace: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Differs:
    """A conflict, and what the device is to hold instead."""

    conflict: Conflict
    operation: Mapping[str, Any]


def catch_up(conn: Connection, device: Device, policy: Policy, *, after: int | None, kept_days: int) -> Caught:
    """At most one operation of each entity, however long the device was away."""
    newest = outbox.newest(conn)  # before the rest: what is told while we read is told again the next time
    devices.see(conn, device.device_id)
    now = _now(conn, device.user_id, policy)
    pace = _pace(now)
    if after is None:
        return Caught(_whole(conn, device, now, newest), newest, "first", pace)
    if after > newest:  # the database lost its last moments: what the device has of them is not so any more
        return Caught(_whole(conn, device, now, newest), newest, "restored", pace)
    if after < outbox.oldest_kept(conn, days=kept_days) - 1:
        return Caught(_whole(conn, device, now, newest), newest, "retention", pace)
    found = _latest(conn, device, after=after, upto=newest)
    operations = sorted(found.values(), key=lambda one: (PRIORITIES.index(one["priority"]), one["version"]))
    return Caught(tuple(operations), newest, None, pace)


def pace_of(conn: Connection, user_id: str, policy: Policy) -> Mapping[str, object]:
    return _pace(_now(conn, user_id, policy))


def differences(
    conn: Connection, device: Device, policy: Policy, held: Mapping[str, int], *, upto: int
) -> list[Differs]:
    """What of this the device should not hold, having read up to there."""
    if not held:
        return []
    newest = outbox.newest(conn)
    versions = {entity: int(one["version"]) for entity, one in _latest(conn, device, after=0, upto=upto).items()}
    found = conflicts(held, versions, newest=newest)
    truth = (
        {one["entity"]: one for one in _whole(conn, device, _now(conn, device.user_id, policy), newest)}
        if found
        else {}
    )
    return [Differs(one, truth[one.entity]) for one in found]


@dataclass(frozen=True, slots=True)
class _Now:
    access: Mapping[str, Any]
    at: datetime


def _now(conn: Connection, user_id: str, policy: Policy) -> _Now:
    reading = access.read(conn, user_id)
    assert reading is not None  # noqa: S101 - for mypy: a device's person is known, by its foreign key
    return _Now(document(user_id, reading.decide(policy), reading.at), reading.at)


def _pace(now: _Now) -> Mapping[str, object]:
    pace = PACES[now.access["sync"]["frequency"]]
    return {**pace.document(), "pollSeconds": poll_seconds(pace, in_crisis=now.access["crisis"]["active"])}


def _latest(conn: Connection, device: Device, *, after: int, upto: int) -> dict[str, dict[str, Any]]:
    parameters = {
        "recipient": f"person:{device.user_id}",
        "kind": KIND,
        "device_id": device.device_id,
        "after": after,
        "upto": upto,
    }
    return {
        row["data"]["entity"]: {**row["data"], "version": row["position"], "timestamp": iso(row["told_at"])}
        for row in conn.execute(load("sync")["latest"], parameters)
    }


def _whole(conn: Connection, device: Device, now: _Now, newest: int) -> tuple[Mapping[str, Any], ...]:
    """Every entity as it is; the most urgent first."""
    person = people.require(conn, device.user_id)
    operations: list[Operation] = [
        of_crisis(is_open=now.access["crisis"]["active"]),
        of_reference("safety_plan", person.safety_plan_ref),
        of_reference("emergency_contacts", person.emergency_contacts_ref),
        of_access(now.access),
        of_devices(len(devices.of_person(conn, device.user_id))),
    ]
    at = iso(now.at)
    return tuple({**one.document(), "version": newest, "timestamp": at} for one in operations)
