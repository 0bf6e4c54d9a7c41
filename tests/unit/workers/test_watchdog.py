"""When a worker is taken for wedged: a decision on what was seen, and how patience follows the settings."""

import dataclasses

import pytest

from shared.config import Settings
from workers.taking import Taking
from workers.watchdog import Limits, Seen, limits_of, trouble

LIMITS = Limits(busy_seconds=25, begin_seconds=15, patience={"crisis": 15})
IDLE = Seen(is_busy=False, since=1000, handed=None, waits_in_vain=False)
BUSY = dataclasses.replace(IDLE, is_busy=True, since=1)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (IDLE, None),
        (dataclasses.replace(IDLE, waits_in_vain=True), "it takes nothing up"),
        (dataclasses.replace(IDLE, handed=15), None),
        (dataclasses.replace(IDLE, handed=15.1), "its child begins nothing"),
        (BUSY, None),
        (dataclasses.replace(BUSY, waits_in_vain=True), None),
        (dataclasses.replace(BUSY, handed=100), None),
        (dataclasses.replace(BUSY, since=25), None),
        (dataclasses.replace(BUSY, since=25.1), "its task does not end"),
    ],
)
def test_a_worker_is_wedged_only_by_what_no_healthy_one_does(seen, why):
    assert trouble(seen, LIMITS) == why


@pytest.mark.parametrize(
    ("lanes", "patience"),
    [
        (["crisis"], {"crisis": 15}),
        (["crisis", "standard"], {"crisis": 15, "standard": 45}),
        (["standard", "other"], {"standard": 45}),
    ],
)
def test_patience_is_of_the_lanes_that_the_worker_serves(lanes, patience):
    limits = limits_of(Settings(), lanes)
    assert limits.patience == patience
    assert limits.begin_seconds == min(patience.values())
    assert limits.busy_seconds == 25


def test_patience_is_longer_than_the_relays_interval():
    for seconds in (1, 5, 600):
        limits = limits_of(Settings(crisis_unclaimed_seconds=seconds), ["crisis"])
        assert limits.patience["crisis"] > seconds


def test_a_worker_that_began_is_busy_until_it_rests():
    taking = Taking()
    assert taking.since()[0] is False
    _, rested = taking.since()
    taking.starts()
    busy, started = taking.since()
    assert busy
    assert started >= rested
    taking.rests()
    assert taking.since()[0] is False
