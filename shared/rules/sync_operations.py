"""What devices keep in step with: small operations, each the whole state of one entity, with nothing personal in it.

As each tells the whole of its entity, the last one is enough: whoever was away for weeks needs no other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from schemas.facts import JSON

Priority = Literal["crisis_emergency", "therapeutic_active", "premium_realtime", "standard", "background"]
Entity = Literal["access", "crisis", "safety_plan", "emergency_contacts", "devices"]
Type = Literal["set", "clear"]

PRIORITIES: tuple[Priority, ...] = get_args(Priority)  # the most urgent first
ENTITIES: tuple[Entity, ...] = get_args(Entity)
TYPES: tuple[Type, ...] = get_args(Type)
KIND = "sync:operation"
URGENT: Priority = "crisis_emergency"
EVERY_DEVICE = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`targets` None: every device of the person. `clear`: there is none of this entity now."""

    type: Type
    entity: Entity
    priority: Priority
    payload: Mapping[str, JSON]
    targets: tuple[str, ...] | None = None

    def document(self) -> dict[str, JSON]:
        return {
            "type": self.type,
            "entity": self.entity,
            "priority": self.priority,
            "targets": EVERY_DEVICE if self.targets is None else list(self.targets),
            "payload": dict(self.payload),
        }


def is_for(data: Mapping[str, Any], device_id: str) -> bool:
    """Whether a device is meant by an operation's document."""
    targets = data.get("targets")
    return targets == EVERY_DEVICE or (isinstance(targets, list) and device_id in targets)


def is_urgent(kind: str, data: Mapping[str, Any]) -> bool:
    """What waits for nothing: a crisis itself, and what devices need in one."""
    return kind.startswith("crisis:") or (kind == KIND and data.get("priority") == URGENT)


def of_access(told: Mapping[str, Any]) -> Operation:
    """From the answer about access: tier, status, flags, and when grace ends."""
    grace = told["gracePeriod"]
    payload = {
        "tier": told["tier"],
        "status": told["subscriptionStatus"],
        "accessLevel": told["accessLevel"],
        "flags": list(told["features"]),
        "graceEndsAt": grace["endsAt"] if grace["active"] else None,
        "emergencyAccess": told["emergencyAccess"]["active"],
    }
    return Operation(type="set", entity="access", priority=_of_access(told), payload=payload)


def of_crisis(*, is_open: bool) -> Operation:
    return Operation(type="set" if is_open else "clear", entity="crisis", priority=URGENT, payload={"active": is_open})


def of_reference(entity: Literal["safety_plan", "emergency_contacts"], ref: str | None) -> Operation:
    """Where the application finds it; what it says Carelane never holds."""
    return Operation(type="clear" if ref is None else "set", entity=entity, priority=URGENT, payload={"ref": ref})


def of_devices(count: int, *, targets: Sequence[str] | None = None) -> Operation:
    """That there is one more: told to the others, so that nobody gains a device unseen."""
    told = None if targets is None else tuple(targets)
    return Operation(type="set", entity="devices", priority="background", payload={"count": count}, targets=told)


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Operation]:
    """What a change of the answer about access has for devices, the most urgent first."""
    was_open = before is not None and before["crisis"]["active"]
    is_open = after["crisis"]["active"]
    crisis = [of_crisis(is_open=is_open)] if is_open != was_open else []
    access = of_access(after)
    is_news = before is None or of_access(before) != access
    return [*crisis, *([access] if is_news else [])]


def _of_access(told: Mapping[str, Any]) -> Priority:
    if told["crisis"]["active"] or told["emergencyAccess"]["active"]:
        return URGENT
    if told["gracePeriod"]["active"]:
        return "therapeutic_active"
    if told["tier"] == "premium":
        return "premium_realtime"
    return "background" if told["tier"] == "none" else "standard"
