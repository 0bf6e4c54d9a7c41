"""What each tier holds, how its devices may sync, and which tier a subscription's prices stand for."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Tier = Literal["none", "grace_period", "trial", "basic", "premium"]
TIERS: tuple[Tier, ...] = get_args(Tier)  # from the least to the most
SOLD: frozenset[Tier] = frozenset({"trial", "basic", "premium"})
# Whoever pays for a price that nobody told us of is given no less than what is sold for the least money.
UNMAPPED: Tier = "basic"

ADVANCED_CRISIS = "advanced_crisis_features"
CRISIS_SET = ("crisis_button", "hotline_access", "safety_plan", "emergency_contacts")
BASE = (*CRISIS_SET, "basic_check_in", "phq9_assessment", "gad7_assessment", "breathing_exercises")
_BASIC = (*BASE, "mood_tracking", "progress_charts")

FEATURES: Mapping[Tier, tuple[str, ...]] = {
    "none": BASE,
    "grace_period": (*BASE, "mood_tracking"),
    "trial": (*BASE, "trial_features"),
    "basic": _BASIC,
    "premium": (
        *_BASIC, "advanced_analytics", "custom_exercises", "priority_support", "real_time_sync", "cross_device_sync",
        ADVANCED_CRISIS,
    ),
}  # fmt: skip

_ALL = tuple(dict.fromkeys((*FEATURES["premium"], "trial_features")))


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """`data_limit_mb` None: no limit."""

    frequency: str
    data_limit_mb: int | None

    @property
    def data_limit(self) -> str:
        return "unlimited" if self.data_limit_mb is None else f"{self.data_limit_mb} MB"


# Without a tier the safety plan still has to reach every device, so as a trial's would.
SYNC: Mapping[Tier, SyncPolicy] = {
    "none": SyncPolicy("background", 10),
    "grace_period": SyncPolicy("frequent", 25),
    "trial": SyncPolicy("background", 10),
    "basic": SyncPolicy("standard", 50),
    "premium": SyncPolicy("realtime", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What a subscription says of its prices."""

    ids: tuple[str, ...] = ()
    lookup_keys: tuple[str, ...] = ()
    metadata: str | None = None


def highest(tiers: Iterable[Tier]) -> Tier:
    return max(tiers, key=TIERS.index, default="none")


def union(*features: Iterable[str]) -> tuple[str, ...]:
    """All of them once, in one order for everybody."""
    wanted = {feature for part in features for feature in part}
    return tuple(feature for feature in _ALL if feature in wanted)


def tier_of(prices: Prices, known: Mapping[str, Tier]) -> Tier | None:
    """By the settings, else by the price's lookup key, else by metadata; of several items the best. None: unmapped."""
    by_setting = [known[price] for price in (*prices.ids, *prices.lookup_keys) if price in known]
    by_name = by_setting or [tier for key in prices.lookup_keys if (tier := _named(key))]
    found = by_name or [tier for tier in [_named(prices.metadata or "")] if tier]
    return highest(found) if found else None


def _named(text: str) -> Tier | None:
    """The one tier that a name like `premium_monthly` speaks of; None where it speaks of none, or of two."""
    words = set(re.split(r"[^a-z]+", text.lower()))
    found = [tier for tier in TIERS if tier in SOLD and tier in words]
    return found[0] if len(found) == 1 else None
