"""Owes people's devices what changed, in the transaction that changed it; to nobody who has no device.

A device that registers later reads the state itself, and registering waits for a change that is being made
(shared/devices.py): so none falls between the two. The caller holds the person's lock of shared/access_changes.py.
"""

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared import notices
from shared.db import Connection
from shared.queries import load
from shared.rules.sync_operations import KIND, Operation, of_reference


class References(NamedTuple):
    """Where the application keeps a person's plan and contacts."""

    safety_plan: str | None = None
    emergency_contacts: str | None = None


def owe(
    conn: Connection, user_id: str, operations: Iterable[Operation], *, version: str, at: str | None = None
) -> None:
    """Each once for this version of what changed."""
    wanted = list(operations)
    if not wanted or not _has_devices(conn, user_id):
        return
    for operation in wanted:
        notices.owe(
            conn,
            cause=f"person:{user_id}:sync:{operation.entity}:{version}",
            kind=KIND,
            recipient=f"person:{user_id}",
            data={**operation.document(), "timestamp": at},
        )


def owe_references(conn: Connection, user_id: str, before: References, after: References) -> None:
    """A reference may be what it was before once more, so each change is a version of its own."""
    operations = []
    if before.safety_plan != after.safety_plan:
        operations.append(of_reference("safety_plan", after.safety_plan))
    if before.emergency_contacts != after.emergency_contacts:
        operations.append(of_reference("emergency_contacts", after.emergency_contacts))
    owe_once(conn, user_id, operations)


def owe_once(conn: Connection, user_id: str, operations: Sequence[Operation]) -> None:
    """For changes that have no version of their own; that each is made once, its caller sees to."""
    owe(conn, user_id, operations, version=str(uuid.uuid4()))


def _has_devices(conn: Connection, user_id: str) -> bool:
    row = conn.execute(load("devices")["has_any"], {"user_id": user_id}).fetchone()
    return row is not None and bool(row["has_any"])
