"""What a person may use now: a pure function of subscriptions, grace, crises, emergency access and the time.

docs/access.md shows the table; a test holds the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.rules import tiers
from shared.rules.grace import Danger, Grace
from shared.rules.standing import LEAST, LEVELS, NO_SUBSCRIPTION, Level, Policy, Standing, standing
from shared.rules.tiers import SyncPolicy, Tier
from shared.rules.unpaid import Subscription

SEVERITIES = ("moderate", "severe", "imminent")  # from the least to the most


@dataclass(frozen=True, slots=True, kw_only=True)
class Crisis:
    """`level` and `tier` are what the person had when it opened: at least that stays."""

    severity: str
    opened_at: datetime
    resolved_at: datetime | None = None
    level: Level = LEAST
    tier: Tier = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """Emergency access: the level that it gives, and the tier that the person had when it opened."""

    level: Level
    ends_at: datetime
    tier: Tier = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that access follows from. `crises` holds the resolved ones too: they may have held a grace period."""

    subscriptions: tuple[Subscription, ...] = ()
    crises: tuple[Crisis, ...] = ()
    emergencies: tuple[Emergency, ...] = ()
    own_grace_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`changes_at`: when it next changes though nothing happens. `unmapped`: prices that have no tier."""

    level: Level
    tier: Tier
    subscription_status: str | None
    is_running: bool
    features: tuple[str, ...]
    sync: SyncPolicy
    grace: Grace | None
    grace_is_active: bool
    crisis_severity: str | None
    emergency: Emergency | None
    changes_at: datetime | None = None
    unmapped: tuple[str, ...] = ()

    @property
    def is_heightened(self) -> bool:
        """A crisis or emergency access is open: what helps now is put in front."""
        return self.crisis_severity is not None or self.emergency is not None


def decide(known: Known, policy: Policy, now: datetime) -> Access:
    """The best of what each subscription gives, and never less than a crisis or emergency access holds open."""
    dangers = [Danger(crisis.opened_at, crisis.resolved_at) for crisis in known.crises]
    own = known.own_grace_days
    standings = [standing(one, policy, now, own_days=own, crises=dangers) for one in known.subscriptions]
    crises = [crisis for crisis in known.crises if crisis.resolved_at is None]
    emergencies = [emergency for emergency in known.emergencies if now < emergency.ends_at]
    best, grace = _best(standings), _shown_grace(standings)
    held: list[Crisis | Emergency] = [*crises, *emergencies]
    given = {best.tier, *(one.tier for one in standings), *(one.tier for one in held)}
    advanced = [tiers.ADVANCED_CRISIS] if held else []
    return Access(
        level=max((best.level, *(one.level for one in held), LEAST), key=LEVELS.index),
        tier=best.tier,
        subscription_status=best.status,
        is_running=best.is_running,
        features=tiers.union(*(tiers.FEATURES[tier] for tier in given), advanced),
        sync=tiers.SYNC[tiers.highest(given)],
        grace=grace,
        grace_is_active=grace is not None and grace.is_active(now),
        crisis_severity=max((crisis.severity for crisis in crises), key=SEVERITIES.index, default=None),
        emergency=max(emergencies, key=lambda one: (LEVELS.index(one.level), one.ends_at), default=None),
        changes_at=_next_change(standings, emergencies, now),
        unmapped=tuple(price for one in standings for price in one.unmapped),
    )


def _best(standings: Sequence[Standing]) -> Standing:
    """Of those that give the same the one whose status says most, so that their order does not matter."""
    return max(
        standings,
        key=lambda one: (LEVELS.index(one.level), one.is_running, tiers.TIERS.index(one.tier), one.status or ""),
        default=NO_SUBSCRIPTION,
    )


def _shown_grace(standings: Sequence[Standing]) -> Grace | None:
    """The one that access rests on, or will: who has a paid subscription is told nothing of another that ended."""
    running = [one for one in standings if one.is_running]
    if any(one.grace is None for one in running):
        return None
    found = [one.grace for one in (running or standings) if one.grace is not None]
    return max(found, key=lambda one: (one.ends_at is None, one.ends_at or one.started_at, one.reason), default=None)


def _next_change(standings: Iterable[Standing], emergencies: Iterable[Emergency], now: datetime) -> datetime | None:
    moments = [one.grace.ends_at for one in standings if one.grace is not None]
    moments += [emergency.ends_at for emergency in emergencies]
    return min((moment for moment in moments if moment is not None and moment > now), default=None)
