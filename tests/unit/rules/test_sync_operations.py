"""What devices are told of a change, how urgent that is, and that nothing personal is in it."""

import pytest

from shared.access_document import document
from shared.rules.access import decide
from shared.rules.standing import Policy
from shared.rules.sync_operations import (
    ENTITIES,
    KIND,
    PRIORITIES,
    changes,
    is_for,
    is_urgent,
    of_access,
    of_crisis,
    of_devices,
    of_reference,
)
from tests.factories.people import NOW, crisis, known, subscription


def told(*subscriptions, **more):
    return document("p", decide(known(*subscriptions, **more), Policy(), NOW), NOW)


PREMIUM = told(subscription("active"))
NOTHING = told()
UNPAID = told(subscription("past_due", 2))
IN_DANGER = told(subscription("active"), crises=(crisis(1),))


@pytest.mark.parametrize(
    ("answer", "priority"),
    [
        (PREMIUM, "premium_realtime"),
        (NOTHING, "background"),
        (UNPAID, "therapeutic_active"),
        (IN_DANGER, "crisis_emergency"),
        ({**PREMIUM, "tier": "basic"}, "standard"),
    ],
)
def test_how_urgent_a_change_of_access_is(answer, priority):
    assert of_access(answer).priority == priority
    assert priority in PRIORITIES


def test_a_device_learns_tier_status_flags_and_the_end_of_grace():
    payload = of_access(UNPAID).payload
    assert (payload["tier"], payload["status"]) == ("grace_period", "past_due")
    assert "mood_tracking" in payload["flags"]
    assert payload["graceEndsAt"] == UNPAID["gracePeriod"]["endsAt"]
    assert of_access(PREMIUM).payload["graceEndsAt"] is None


def test_no_operation_says_who_it_is_about():
    operations = [of_access(IN_DANGER), of_crisis(is_open=True), of_reference("safety_plan", "r"), of_devices(2)]
    for operation in operations:
        assert not {"userId", "email", "name"} & set(operation.payload)
        assert operation.entity in ENTITIES
        assert set(operation.document()) == {"type", "entity", "priority", "targets", "payload"}


def test_a_crisis_that_opens_is_told_first_and_once():
    assert [one.entity for one in changes(PREMIUM, IN_DANGER)] == ["crisis", "access"]
    assert [one.entity for one in changes(None, IN_DANGER)] == ["crisis", "access"]
    graver = {**IN_DANGER, "crisis": {"active": True, "severity": "imminent"}}
    assert changes(IN_DANGER, graver) == []


def test_a_crisis_that_closes_is_cleared():
    [closed, access] = changes(IN_DANGER, PREMIUM)
    assert (closed.type, closed.entity, closed.payload) == ("clear", "crisis", {"active": False})
    assert access.priority == "premium_realtime"


def test_what_concerns_no_device_is_told_to_none():
    reason = {**UNPAID, "gracePeriod": {**UNPAID["gracePeriod"], "reason": "other"}}
    assert changes(UNPAID, reason) == []


def test_plan_and_contacts_are_told_by_reference_and_cleared_when_there_is_none():
    assert of_reference("safety_plan", "ref").document() == {
        "type": "set",
        "entity": "safety_plan",
        "priority": "crisis_emergency",
        "targets": "all",
        "payload": {"ref": "ref"},
    }
    assert of_reference("emergency_contacts", None).type == "clear"


def test_an_operation_for_some_devices_is_for_no_other():
    data = of_devices(2, targets=["a"]).document()
    assert (is_for(data, "a"), is_for(data, "b")) == (True, False)
    assert is_for(of_devices(2).document(), "b")
    assert not is_for({}, "a")


def test_what_is_urgent_is_a_crisis_and_what_devices_need_in_one():
    assert is_urgent("crisis:activated", {})
    assert is_urgent(KIND, of_crisis(is_open=True).document())
    assert not is_urgent(KIND, of_access(PREMIUM).document())
    assert not is_urgent("access:updated", {"priority": "crisis_emergency"})
