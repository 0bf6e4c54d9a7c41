"""The answer about access as it goes out; whatever led to it, what helps in danger is in it."""

from datetime import datetime

from shared.moments import iso
from shared.rules import tiers
from shared.rules.access import Access
from shared.rules.people_words import HOTLINE, days_left, message, message_when_unknown
from shared.rules.tiers import BASE, SYNC

Document = dict[str, object]

_HOTLINE = {"name": HOTLINE.name, "phone": HOTLINE.phone, "text": HOTLINE.text}
_NO_GRACE: Document = {"active": False, "startedAt": None, "endsAt": None, "daysLeft": None, "reason": None}
_NO_EMERGENCY: Document = {"active": False, "level": None, "endsAt": None}


def document(user_id: str, access: Access, as_of: datetime) -> Document:
    """The body of `GET /api/access/{userId}`."""
    return {
        "userId": user_id,
        "accessLevel": access.level,
        "tier": access.tier,
        "subscriptionStatus": access.subscription_status,
        "features": list(tiers.union(access.features, BASE)),
        "emergencyFeatures": emergency_features(is_heightened=access.is_heightened),
        "sync": {"frequency": access.sync.frequency, "dataLimit": access.sync.data_limit},
        "gracePeriod": _grace(access, as_of),
        "crisis": {"active": access.crisis_severity is not None, "severity": access.crisis_severity},
        "emergencyAccess": _emergency(access),
        "message": message(access, as_of),
        "hotline": dict(_HOTLINE),
        "asOf": iso(as_of),
        "degraded": False,
    }


def emergency_features(*, is_heightened: bool) -> Document:
    """What leads to help is open to everybody; in danger it is put in front."""
    return {
        "hotlineQuickDial": True,
        "emergencyContactsVisible": True,
        "safetyPlanAccessible": True,
        "crisisButtonHighlighted": is_heightened,
    }


def safe_default(user_id: str | None, at: datetime) -> Document:
    """When nothing can be known, about anybody: no word of it is about this person, save the id that was asked for."""
    return {
        "userId": user_id,
        "accessLevel": "crisis_only",
        "tier": "none",
        "subscriptionStatus": None,
        "features": list(BASE),
        # Whoever asks may be in danger for all we know.
        "emergencyFeatures": emergency_features(is_heightened=True),
        "sync": {"frequency": SYNC["none"].frequency, "dataLimit": SYNC["none"].data_limit},
        "gracePeriod": dict(_NO_GRACE),
        "crisis": {"active": False, "severity": None},
        "emergencyAccess": dict(_NO_EMERGENCY),
        "message": message_when_unknown(),
        "hotline": dict(_HOTLINE),
        "asOf": iso(at),
        "degraded": True,
    }


def stale(known: Document) -> Document:
    """An answer of before, of the time that its `asOf` says; what everybody has is in it whatever was kept."""
    kept = known.get("features")
    features = kept if isinstance(kept, list) else []
    return {
        **known,
        "features": list(dict.fromkeys([*BASE, *features])),
        # A crisis may have begun since.
        "emergencyFeatures": emergency_features(is_heightened=True),
        "hotline": dict(_HOTLINE),
        "degraded": True,
    }


def _grace(access: Access, as_of: datetime) -> Document:
    if access.grace is None:
        return dict(_NO_GRACE)
    return {
        "active": access.grace_is_active,
        "startedAt": iso(access.grace.started_at),
        "endsAt": iso(access.grace.ends_at),
        "daysLeft": days_left(access, as_of),
        "reason": access.grace.reason,
    }


def _emergency(access: Access) -> Document:
    found = access.emergency
    return (
        dict(_NO_EMERGENCY) if found is None else {"active": True, "level": found.level, "endsAt": iso(found.ends_at)}
    )
