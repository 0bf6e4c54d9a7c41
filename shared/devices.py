"""People's devices: whose each is, and how far it has followed."""

from dataclasses import dataclass
from datetime import datetime

from shared import audit, people
from shared.db import Connection
from shared.errors import CarelaneError
from shared.queries import load

PLATFORMS = ("ios", "android", "web", "desktop", "other")
MOST_OF_A_PERSON = 50
# Each installation is a device: when there are too many, what was not heard of for so long makes room.
UNSEEN_DAYS = 90


class UnknownDevice(CarelaneError):
    """Nobody registered it, or it is somebody else's: which of the two is told to nobody."""

    code = "unknown_device"


class TooManyDevices(CarelaneError):
    """A person has so many already."""

    code = "too_many"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """`acked_position`: all up to there has arrived; None before its first word."""

    device_id: str
    user_id: str
    platform: str
    registered_at: datetime
    seen_at: datetime
    acked_position: int | None


@dataclass(frozen=True, slots=True)
class Registered:
    """`others` are the person's other devices; `is_new` for this person."""

    device: Device
    is_new: bool
    others: tuple[str, ...]


def register(conn: Connection, device_id: str, user_id: str, platform: str, *, actor: str) -> Registered:
    """Make it this person's device. Raises NotFound for an unknown person, TooManyDevices."""
    people.require(conn, user_id)
    # A change of access that is being made now is either told to this device, or in the first state that it reads.
    conn.execute(load("access")["lock_told"], {"user_id": user_id})
    before = find(conn, device_id)
    is_new = before is None or before.user_id != user_id
    others = tuple(one for one in of_person(conn, user_id) if one != device_id)
    if is_new and len(others) >= MOST_OF_A_PERSON:
        gone = _forget_one(conn, user_id, actor=actor)
        others = tuple(one for one in others if one != gone)
    if is_new and len(others) >= MOST_OF_A_PERSON:
        raise TooManyDevices(f"a person may have {MOST_OF_A_PERSON} devices that were seen in {UNSEEN_DAYS} days")
    parameters = {"device_id": device_id, "user_id": user_id, "platform": platform}
    row = conn.execute(load("devices")["register"], parameters).fetchone()
    assert row is not None  # noqa: S101 - for mypy: an upsert that returns always returns
    if is_new:
        after = {"userId": user_id, "platform": platform}
        audit.record(conn, actor=actor, act="device.registered", object=f"device:{device_id}", after=after)
    return Registered(Device(**row), is_new, others)


def _forget_one(conn: Connection, user_id: str, *, actor: str) -> str | None:
    """The one that was not seen for the longest; None when all were seen lately. It may register again."""
    row = conn.execute(load("devices")["forget_one"], {"user_id": user_id, "days": UNSEEN_DAYS}).fetchone()
    if row is None:
        return None
    device_id = str(row["device_id"])
    audit.record(conn, actor=actor, act="device.forgotten", object=f"device:{device_id}", before={"userId": user_id})
    return device_id


def find(conn: Connection, device_id: str) -> Device | None:
    row = conn.execute(load("devices")["find"], {"device_id": device_id}).fetchone()
    return None if row is None else Device(**row)


def require(conn: Connection, device_id: str, *, of: str | None = None) -> Device:
    """`of`: the person who asks, where it is one. Raises UnknownDevice."""
    found = find(conn, device_id)
    if found is None or of not in {None, found.user_id}:
        raise UnknownDevice("no device of yours goes by this id: register it first")
    return found


def of_person(conn: Connection, user_id: str) -> list[str]:
    parameters = {"user_id": user_id, "most": MOST_OF_A_PERSON + 1}
    return [row["device_id"] for row in conn.execute(load("devices")["of_person"], parameters)]


def see(conn: Connection, device_id: str) -> None:
    conn.execute(load("devices")["see"], {"device_id": device_id})


def acknowledge(conn: Connection, device_id: str, position: int) -> int:
    """How far it has followed now."""
    row = conn.execute(load("devices")["acknowledge"], {"device_id": device_id, "position": position}).fetchone()
    assert row is not None  # noqa: S101 - for mypy: the caller found the device in this transaction
    return int(row["acked_position"])
