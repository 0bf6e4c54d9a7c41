"""What the settings say of access, crises and emergency access, as the rules take it."""

from typing import cast

from shared.config import Settings
from shared.rules.assessment import Thresholds
from shared.rules.emergency import EmergencyRule
from shared.rules.grace import GracePolicy, InCrisis
from shared.rules.standing import Policy
from shared.rules.tiers import Tier


def policy_of(settings: Settings) -> Policy:
    grace = GracePolicy(
        days=settings.grace_days,
        in_crisis=cast("InCrisis", settings.grace_in_crisis),
        hold_hours=settings.grace_hold_hours,
    )
    return Policy(grace=grace, price_tiers={price: cast("Tier", tier) for price, tier in settings.price_tiers})


def thresholds_of(settings: Settings) -> Thresholds:
    return Thresholds(phq9_total=settings.phq9_total, phq9_item9=settings.phq9_item9, gad7_total=settings.gad7_total)


def emergency_of(settings: Settings) -> EmergencyRule:
    return EmergencyRule(
        hours=settings.emergency_hours,
        code_valid_hours=settings.emergency_code_hours,
        wrong_codes=settings.emergency_wrong_codes,
        window_minutes=settings.emergency_code_minutes,
    )
