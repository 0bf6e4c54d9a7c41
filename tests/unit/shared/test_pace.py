"""Even pace, told by a clock of the test's own."""

import itertools

import pytest

from shared.pace import Pace


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def times(per_second, items, *, clock=None, hook=lambda _: None):
    """When each batch was let go, since the start, and how many it held."""
    clock = clock or Clock()
    pace, start, gone, left = Pace(per_second, clock=clock, sleep=clock.sleep), clock(), [], items
    while left:
        count = min(pace.batch_size, left)
        assert pace.ready(count)
        gone.append((round(clock() - start, 3), count))
        left -= count
        hook(clock)
    return gone


@pytest.mark.parametrize("per_second", [1, 3, 10, 250, 4000, 10_000])
def test_no_second_sees_more_than_was_asked_for_but_for_the_batch_that_opens_it(per_second):
    gone = times(per_second, per_second * 5)
    batch = gone[0][1]
    for start, _ in gone:
        assert sum(count for at, count in gone if start <= at < start + 1) <= per_second + batch
    assert gone[-1][0] <= 5.1


def test_batches_go_evenly():
    steps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(times(100, 1000))]
    assert steps == pytest.approx([0.25] * len(steps), abs=0.001)


def test_a_slow_pace_goes_one_by_one():
    assert times(2, 4) == [(0.0, 1), (0.5, 1), (1.0, 1), (1.5, 1)]


def test_without_a_rate_nothing_waits_and_batches_are_bounded():
    assert times(None, 1200) == [(0.0, 500), (0.0, 500), (0.0, 200)]


def test_what_a_stall_made_late_is_not_caught_up_with_in_a_burst():
    stalls = iter([30.0])
    gone = times(2, 4, hook=lambda clock: clock.sleep(next(stalls, 0.0)))
    assert [at for at, _ in gone] == [0.0, 30.0, 30.5, 31.0]


def test_a_wish_to_stop_is_seen_while_waiting():
    clock, wishes = Clock(), []
    pace = Pace(1, clock=clock, sleep=lambda s: (clock.sleep(s), wishes.append(s)), stopped=lambda: len(wishes) > 2)
    assert pace.ready(1)
    assert not pace.ready(1)
    assert clock() - 100 < 0.5


def test_nothing_begins_once_a_stop_was_asked_for():
    clock = Clock()
    assert not Pace(None, clock=clock, sleep=clock.sleep, stopped=lambda: True).ready(1)
