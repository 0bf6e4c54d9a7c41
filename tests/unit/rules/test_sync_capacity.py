"""A fifth of what can be delivered is kept for people in crisis, whatever waits beside it."""

from hypothesis import given
from hypothesis import strategies as st

from shared.rules.sync_capacity import Share, share

COUNTS = st.integers(min_value=0, max_value=10_000)
CAPACITIES = st.integers(min_value=1, max_value=1_000)


def test_however_many_others_wait_a_fifth_stays_free():
    assert share(urgent=0, others=5_000, capacity=100) == Share(urgent=0, others=80)


def test_a_crisis_never_waits_behind_others():
    assert share(urgent=20, others=5_000, capacity=100) == Share(urgent=20, others=80)
    assert share(urgent=60, others=5_000, capacity=100) == Share(urgent=60, others=40)
    assert share(urgent=500, others=5_000, capacity=100) == Share(urgent=100, others=0)


@given(urgent=COUNTS, others=COUNTS, capacity=CAPACITIES)
def test_the_share_holds_for_every_flood(urgent, others, capacity):
    found = share(urgent=urgent, others=others, capacity=capacity)
    assert found.urgent == min(urgent, capacity)
    assert found.urgent + found.others <= capacity
    assert found.others <= max(0, min(others, capacity - max(1, -(-capacity // 5))))


@given(others=st.integers(min_value=1, max_value=10_000), capacity=st.integers(min_value=2, max_value=1_000))
def test_others_are_never_left_out_while_no_crisis_waits(others, capacity):
    assert share(urgent=0, others=others, capacity=capacity).others >= 1
