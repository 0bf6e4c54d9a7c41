"""What must be true of every answer about access, whatever led to it; checked after each change."""

from shared.rules.access import Access
from shared.rules.standing import LEAST, LEVELS, Level
from shared.rules.tiers import ADVANCED_CRISIS, BASE, CRISIS_SET


def violations(access: Access, *, in_danger: bool, held_level: Level = LEAST) -> tuple[str, ...]:
    """What is wrong, by name. `in_danger` and `held_level` come from the records of crises, not from the answer."""
    found = {
        "crisis_features_missing": not set(CRISIS_SET) <= set(access.features),
        "base_features_missing": not set(BASE) <= set(access.features),
        "below_essential": LEVELS.index(access.level) < LEVELS.index(LEAST),
        "below_held_level": in_danger and LEVELS.index(access.level) < LEVELS.index(held_level),
        "emergency_features_off": in_danger and not access.is_heightened,
        "advanced_crisis_missing": in_danger and ADVANCED_CRISIS not in access.features,
    }
    return tuple(name for name, is_wrong in found.items() if is_wrong)
