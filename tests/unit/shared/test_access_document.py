"""The body of the access call: every part of the contract, in each of its three sources."""

from datetime import timedelta

from shared.access_document import document, safe_default, stale
from shared.rules.access import Emergency, decide
from shared.rules.standing import Policy
from shared.rules.tiers import BASE, CRISIS_SET
from tests.factories.people import NOW, crisis, known, subscription

PARTS = {
    "userId": None, "accessLevel": None, "tier": None, "subscriptionStatus": None, "features": None,
    "emergencyFeatures": {
        "hotlineQuickDial", "emergencyContactsVisible", "safetyPlanAccessible", "crisisButtonHighlighted",
    },
    "sync": {"frequency", "dataLimit"},
    "gracePeriod": {"active", "startedAt", "endsAt", "daysLeft", "reason"},
    "crisis": {"active", "severity"},
    "emergencyAccess": {"active", "level", "endsAt"},
    "message": None, "hotline": {"name", "phone", "text"}, "asOf": None, "degraded": None,
}  # fmt: skip


def told(given):
    return document("p", decide(given, Policy(), NOW), NOW)


def test_every_source_has_every_part():
    computed = told(known(subscription("past_due"), crises=(crisis(1),)))
    for one in (computed, told(known()), safe_default("p", NOW), stale(computed)):
        assert set(one) == set(PARTS)
        for name, inner in PARTS.items():
            assert inner is None or set(one[name]) == inner, name


def test_a_person_in_grace_is_told_how_long():
    grace = told(known(subscription("past_due", 2)))["gracePeriod"]
    assert grace == {
        "active": True,
        "startedAt": "2026-03-08T12:00:00Z",
        "endsAt": "2026-03-15T12:00:00Z",
        "daysLeft": 5,
        "reason": "payment_failed",
    }


def test_danger_puts_help_in_front():
    calm, danger = told(known()), told(known(crises=(crisis(1),)))
    assert calm["emergencyFeatures"] | {"crisisButtonHighlighted": True} == danger["emergencyFeatures"]
    assert danger["crisis"] == {"active": True, "severity": "severe"}
    given = Emergency(level="full", ends_at=NOW + timedelta(hours=2))
    assert told(known(emergencies=(given,)))["emergencyAccess"] == {
        "active": True,
        "level": "full",
        "endsAt": "2026-03-10T14:00:00Z",
    }


def test_the_limits_of_sync_are_told_in_words():
    assert told(known(subscription("active")))["sync"] == {"frequency": "realtime", "dataLimit": "unlimited"}
    assert told(known())["sync"] == {"frequency": "background", "dataLimit": "10 MB"}


def test_whatever_was_kept_what_helps_is_in_the_answer():
    for kept in ({}, {"features": None}, {"features": []}, {"features": ["mood_tracking"], "degraded": False}):
        found = stale(kept)
        assert found["degraded"] is True
        assert set(CRISIS_SET) < set(BASE) <= set(found["features"])
        assert found["hotline"]["phone"] == "988"


def test_who_was_calm_before_may_be_in_danger_since():
    calm = told(known())
    assert not calm["emergencyFeatures"]["crisisButtonHighlighted"]
    for kept in (calm, {}, {"emergencyFeatures": None}):
        assert all(stale(kept)["emergencyFeatures"].values())


def test_who_could_not_be_recognised_is_told_nothing_of_anybody():
    assert safe_default(None, NOW) == safe_default("p", NOW) | {"userId": None}
