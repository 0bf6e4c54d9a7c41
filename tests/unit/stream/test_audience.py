"""Who hears what of what is told."""

import pytest

from ingress.stream.audience import Audience
from shared.rules.sync_operations import of_access, of_crisis, of_devices
from shared.rules.sync_pace import PACES

ACCESS = {
    "tier": "basic",
    "subscriptionStatus": "active",
    "accessLevel": "full",
    "features": [],
    "gracePeriod": {"active": False, "endsAt": None},
    "emergencyAccess": {"active": False},
    "crisis": {"active": False},
}
SYNC = "sync:operation"
PERSON = Audience(name="person:p", recipients=frozenset({"person:p", "creator:c"}))
SERVICE = Audience(name="token:s", recipients=None)
STAFF = Audience(name="token:s", recipients=None, hears_staff=True)
DEVICE = Audience(name="person:p", recipients=frozenset({"person:p"}), device_id="phone", pace=PACES["background"])


@pytest.mark.parametrize("recipient", ["person:q", "creator:d", "staff", "endpoint:e", "backend"])
def test_a_person_hears_nothing_of_others(recipient):
    assert not PERSON.hears(recipient, "access:updated", {})


def test_a_person_hears_of_themself_as_a_creator_too():
    assert PERSON.hears("person:p", "access:updated", {})
    assert PERSON.hears("creator:c", "payout:status_updated", {})


@pytest.mark.parametrize(
    ("recipient", "service", "staff"),
    [
        ("person:q", True, True),
        ("creator:d", True, True),
        ("account:a", True, True),
        ("staff", False, True),
        ("endpoint:e", False, False),
        ("backend", False, False),
    ],
)
def test_a_service_hears_of_all_and_of_staff_only_where_it_may(recipient, service, staff):
    assert SERVICE.hears(recipient, "any", {}) is service
    assert STAFF.hears(recipient, "any", {}) is staff


def test_a_device_hears_its_operations_and_crises_and_nothing_else():
    assert DEVICE.hears("person:p", SYNC, of_access(ACCESS).document())
    assert DEVICE.hears("person:p", SYNC, of_devices(2, targets=["phone"]).document())
    assert not DEVICE.hears("person:p", SYNC, of_devices(2, targets=["tablet"]).document())
    assert DEVICE.hears("person:p", "crisis:activated", {})
    assert not DEVICE.hears("person:p", "access:updated", {})
    assert not DEVICE.hears("person:q", SYNC, of_crisis(is_open=True).document())
