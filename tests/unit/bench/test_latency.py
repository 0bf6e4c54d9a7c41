"""Percentiles by nearest rank: always a latency that was really seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import latency

SECONDS = st.lists(st.floats(0, 10), min_size=1, max_size=50)


def test_of_a_hundred_latencies_the_ninety_ninth_is_the_p99():
    values = [number / 1000 for number in range(100, 0, -1)]
    assert latency.summary(values) == pytest.approx({"p50_ms": 50.0, "p95_ms": 95.0, "p99_ms": 99.0, "max_ms": 100.0})


def test_one_latency_is_all_of_them():
    assert set(latency.summary([0.002], prefix="post_").items()) == {
        ("post_p50_ms", 2.0),
        ("post_p95_ms", 2.0),
        ("post_p99_ms", 2.0),
        ("post_max_ms", 2.0),
    }


def test_no_latencies_say_nothing():
    with pytest.raises(ValueError, match="no values"):
        latency.percentile([], 0.5)


@given(SECONDS, st.floats(0.01, 1))
def test_a_percentile_was_seen_and_enough_do_not_exceed_it(values, share):
    found = latency.percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@given(SECONDS)
def test_a_curve_rises_to_the_longest(values):
    curve = latency.curve(values)
    assert curve == sorted(curve)
    assert curve[-1] == (1.0, max(values) * 1000)
