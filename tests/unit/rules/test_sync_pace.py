"""Each tier's devices have a pace; a crisis has none."""

import pytest

from shared.rules.sync_operations import PRIORITIES, URGENT
from shared.rules.sync_pace import PACES, poll_seconds, told_by, wait_seconds
from shared.rules.tiers import SYNC


def test_every_frequency_of_a_tier_has_a_pace():
    assert {policy.frequency for policy in SYNC.values()} == set(PACES)
    assert all(pace.frequency == name for name, pace in PACES.items())


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_a_crisis_waits_at_no_pace_and_for_no_batch(pace):
    assert wait_seconds(pace, URGENT, 0) == 0
    assert wait_seconds(pace, URGENT, 10_000) == 0


@pytest.mark.parametrize("pace", PACES.values(), ids=PACES)
def test_all_else_waits_for_its_batch_until_that_is_full(pace):
    for priority in PRIORITIES[1:]:
        assert wait_seconds(pace, priority, 0) == pace.batch_seconds
        assert wait_seconds(pace, priority, pace.batch_most) == 0


def test_in_a_crisis_devices_ask_more_often_at_every_pace():
    for pace in PACES.values():
        assert poll_seconds(pace, in_crisis=True) <= 5
        assert poll_seconds(pace, in_crisis=False) == pace.poll_seconds


def test_the_faster_the_tier_the_less_it_waits():
    order = [PACES[name] for name in ("realtime", "frequent", "standard", "background")]
    for field in ("batch_seconds", "poll_seconds", "heartbeat_seconds"):
        values = [getattr(pace, field) for pace in order]
        assert values == sorted(values)


def test_a_device_goes_by_the_tier_that_an_operation_tells_of():
    assert told_by({"entity": "access", "payload": {"tier": "premium"}}) == PACES["realtime"]
    assert told_by({"entity": "access", "payload": {"tier": "of another program"}}) is None
    assert told_by({"entity": "crisis", "payload": {"active": True}}) is None


@pytest.mark.parametrize("frequency", PACES)
def test_a_device_is_told_its_pace_in_the_words_of_the_door(frequency):
    pace = PACES[frequency]
    told = {"frequency": frequency, "batchSeconds": pace.batch_seconds, "batchMost": pace.batch_most}
    told |= {"heartbeatSeconds": pace.heartbeat_seconds, "pollSeconds": pace.poll_seconds}
    assert pace.document() == told
