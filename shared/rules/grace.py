"""The grace period: how long therapeutic access goes on without payment, and how a crisis holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from shared.rules.unpaid import Unpaid

InCrisis = Literal["preserve", "extend", "clinical_priority"]
IN_CRISIS: tuple[InCrisis, ...] = get_args(InCrisis)
LONGEST_DAYS = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class GracePolicy:
    """`in_crisis`: what becomes of a grace period that would end while a crisis is open.

    preserve: it ends on time. extend: `extension_days` more, once. clinical_priority: it is held open until
    `hold_hours` after the crisis is resolved.
    """

    days: int = 7
    in_crisis: InCrisis = "clinical_priority"
    extension_days: int = 7
    hold_hours: int = 72


@dataclass(frozen=True, slots=True)
class Danger:
    """The time of one crisis; open as long as `resolved_at` is None."""

    opened_at: datetime
    resolved_at: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        return self.opened_at <= moment and (self.resolved_at is None or moment < self.resolved_at)


@dataclass(frozen=True, slots=True)
class Grace:
    """`ends_at` None: held for as long as the crisis is open."""

    started_at: datetime
    ends_at: datetime | None
    reason: str

    def is_active(self, now: datetime) -> bool:
        return self.ends_at is None or now < self.ends_at


def grace_of(
    unpaid: Unpaid, *, own_days: int | None, crises: Sequence[Danger], policy: GracePolicy, now: datetime
) -> Grace:
    """The one grace period of an unpaid stretch; a person's own days count where staff gave more than the setting."""
    natural = unpaid.since + timedelta(days=max(policy.days, own_days or 0))
    return Grace(unpaid.since, _end(natural, crises, policy, now), unpaid.reason)


def _end(natural: datetime, crises: Sequence[Danger], policy: GracePolicy, now: datetime) -> datetime | None:
    """What a crisis does to the end is decided when the end comes: a crisis may be resolved before it."""
    if now < natural or policy.in_crisis == "preserve":
        return natural
    if policy.in_crisis == "extend":
        in_crisis = any(crisis.covers(natural) for crisis in crises)
        return natural + timedelta(days=policy.extension_days) if in_crisis else natural
    return _held_until(natural, crises, timedelta(hours=policy.hold_hours), now)


def _held_until(end: datetime, crises: Sequence[Danger], hold: timedelta, now: datetime) -> datetime | None:
    while end <= now:
        holding = [crisis.resolved_at for crisis in crises if crisis.covers(end)]
        if not holding:
            return end
        resolved = [moment for moment in holding if moment is not None]
        if len(resolved) < len(holding):
            return None
        end = max(resolved) + hold  # a crisis that is open then holds it again
    return end
