from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.rules.callback_pace import (
    DELAYS_SECONDS,
    FAILURES_IN_A_ROW,
    GIVES_UP_SECONDS,
    URGENT_SECONDS,
    Again,
    GiveUp,
    after_failure,
    is_given_up,
)

CHANCE = st.floats(0, 1, exclude_max=True)


def tries(*, chance, is_urgent=False):
    """The moments of all tries of one callback that is never taken, in seconds from the first."""
    moments = [0.0]
    while isinstance(
        again := after_failure(len(moments), tried_seconds=moments[-1], is_urgent=is_urgent, chance=chance), Again
    ):
        moments.append(moments[-1] + again.seconds)
    return moments


@given(CHANCE)
def test_a_callback_is_tried_for_three_days_and_no_longer(chance):
    moments = tries(chance=chance)
    assert moments[-1] == GIVES_UP_SECONDS or abs(moments[-1] - GIVES_UP_SECONDS) < 1
    assert len(moments) in {len(DELAYS_SECONDS) + 1, len(DELAYS_SECONDS) + 2}


@given(CHANCE)
def test_of_a_person_in_danger_it_is_tried_more_often(chance):
    moments = tries(chance=chance, is_urgent=True)
    assert max(b - a for a, b in pairwise(moments)) <= URGENT_SECONDS * 1.1
    assert len(moments) > 200


@given(st.integers(1, 100), CHANCE)
def test_the_delay_grows_to_a_day_with_a_tenth_left_to_chance(failures, chance):
    again = after_failure(failures, tried_seconds=0, is_urgent=False, chance=chance)
    step = DELAYS_SECONDS[min(failures, len(DELAYS_SECONDS)) - 1]
    assert isinstance(again, Again)
    assert step <= again.seconds <= step * 1.1


def test_a_wish_to_come_later_is_heeded_within_an_hour_and_for_danger_within_a_quarter():
    def delay(wish_seconds, *, is_urgent=False):
        return after_failure(1, tried_seconds=0, is_urgent=is_urgent, chance=0, wish_seconds=wish_seconds)

    assert [delay(wish) for wish in (1, 60, 10**6)] == [Again(5), Again(60), Again(3600)]
    assert delay(10**6, is_urgent=True) == Again(URGENT_SECONDS)


def test_the_last_try_comes_when_the_three_days_are_over():
    assert after_failure(20, tried_seconds=GIVES_UP_SECONDS - 10, is_urgent=False, chance=0.5) == Again(10)
    assert after_failure(20, tried_seconds=GIVES_UP_SECONDS - 0.1, is_urgent=False, chance=0.5) == Again(1)
    assert after_failure(1, tried_seconds=GIVES_UP_SECONDS, is_urgent=True, chance=0.5) == GiveUp()


def test_an_endpoint_is_given_up_after_three_days_of_nothing_but_failures():
    assert is_given_up(FAILURES_IN_A_ROW, GIVES_UP_SECONDS)
    assert not is_given_up(FAILURES_IN_A_ROW - 1, GIVES_UP_SECONDS)
    assert not is_given_up(1000, GIVES_UP_SECONDS - 1)
