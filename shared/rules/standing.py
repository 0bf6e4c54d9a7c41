"""What one subscription gives by itself: paid for, within its grace period, or neither."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from shared.rules.grace import Danger, Grace, GracePolicy, grace_of
from shared.rules.tiers import UNMAPPED, Tier, tier_of
from shared.rules.unpaid import LAPSED, RUNNING, Subscription, Unpaid, unpaid

Level = Literal["crisis_only", "essential", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)  # from the least to the most
# What everybody has of whom anything is known, and what a crisis lets nobody fall below.
LEAST: Level = "essential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    grace: GracePolicy = field(default_factory=GracePolicy)
    price_tiers: Mapping[str, Tier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`unmapped`: what it is paid for has no tier that we know of, so it was given one."""

    level: Level
    tier: Tier
    status: str | None
    is_running: bool
    grace: Grace | None
    unmapped: tuple[str, ...] = ()


NO_SUBSCRIPTION = Standing(level=LEAST, tier="none", status=None, is_running=False, grace=None)


def standing(
    one: Subscription, policy: Policy, now: datetime, *, own_days: int | None, crises: Sequence[Danger]
) -> Standing:
    stretch = unpaid(one)
    grace = grace_of(stretch, own_days=own_days, crises=crises, policy=policy.grace, now=now) if stretch else None
    if _is_running(one, stretch):
        return _running(one, policy, grace)
    # With no status, only its invoices are known yet: what was billed again and failed had been running.
    is_in_grace = one.status in {*LAPSED, None} and grace is not None and grace.is_active(now)
    return Standing(
        level="full" if is_in_grace else LEAST,
        tier="grace_period" if is_in_grace else "none",
        status=one.status,
        is_running=False,
        grace=grace,
    )


def _is_running(one: Subscription, stretch: Unpaid | None) -> bool:
    """A payment made good what had lapsed, even while the subscription's own word on it is still on its way."""
    return one.status in RUNNING or (one.status in {"past_due", "unpaid"} and stretch is None)


def _running(one: Subscription, policy: Policy, grace: Grace | None) -> Standing:
    tier = "trial" if one.status == "trialing" else tier_of(one.prices, policy.price_tiers)
    return Standing(
        level="full",
        tier=tier or UNMAPPED,
        status=one.status,
        is_running=True,
        grace=grace,
        unmapped=() if tier else one.prices.ids,
    )
