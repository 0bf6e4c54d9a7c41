"""Retries: bounded in number, bounded in delay, never a hot loop."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.retries import ErrorClass, Exhausted, Policy, Retry, after_failure, policies

DEFAULTS = policies()

FLOOR_SECONDS = 0.5
CHANCE = st.floats(0, 1, exclude_max=True)


def test_every_class_has_its_policy() -> None:
    assert set(DEFAULTS) == set(ErrorClass)
    assert [error.value for error in ErrorClass] == ["transient", "not-yet", "invalid", "bug", "worker-lost"]


def test_a_deployment_sets_the_limits() -> None:
    table = policies(transient=2, bug=5, worker_lost=6)
    limits = {error: table[error].limit for error in ErrorClass}
    assert limits[ErrorClass.TRANSIENT] == 2
    assert (limits[ErrorClass.BUG], limits[ErrorClass.WORKER_LOST]) == (5, 6)


def test_the_last_attempt_allowed_is_the_limit_itself() -> None:
    policy = policies(bug=3)[ErrorClass.BUG]
    assert isinstance(after_failure(policy, 2, random=0.5), Retry)
    assert after_failure(policy, 3, random=0.5) == Exhausted()


def test_what_is_invalid_is_not_tried_again() -> None:
    assert after_failure(DEFAULTS[ErrorClass.INVALID], 1, random=0.5) == Exhausted()


def test_the_delay_doubles_up_to_its_cap() -> None:
    policy = Policy(limit=9, base_seconds=2, cap_seconds=10, raises_alarm=False)
    delays = [after_failure(policy, failures, random=0.5) for failures in range(1, 6)]
    assert delays == [Retry(1), Retry(2), Retry(4), Retry(5), Retry(5)]


def test_no_chance_makes_a_hot_loop() -> None:
    assert after_failure(DEFAULTS[ErrorClass.TRANSIENT], 1, random=0.0) == Retry(FLOOR_SECONDS)


@pytest.mark.parametrize(("asked", "delay"), [(30.0, 30), (1e9, 600), (0.0, 1), (-5.0, 1), (None, 1)])
def test_stripes_wish_to_wait_is_honoured_within_reason(asked: float | None, delay: float) -> None:
    policy = DEFAULTS[ErrorClass.TRANSIENT]
    assert after_failure(policy, 1, random=0.5, retry_after_seconds=asked) == Retry(delay)


@given(
    error=st.sampled_from(ErrorClass),
    failures=st.integers(1, 10**6),
    random=CHANCE,
    asked=st.none() | st.floats(0, 1e12),
)
def test_a_delay_stays_within_its_bounds(error: ErrorClass, failures: int, random: float, asked: float | None) -> None:
    policy = DEFAULTS[error]
    outcome = after_failure(policy, failures, random=random, retry_after_seconds=asked)
    if failures >= policy.limit:
        assert isinstance(outcome, Exhausted)
    else:
        assert isinstance(outcome, Retry)
        assert max(FLOOR_SECONDS, min(asked or 0, policy.cap_seconds)) <= outcome.delay_seconds <= policy.cap_seconds


@given(failures=st.integers(1, 10**6), random=CHANCE)
def test_no_number_of_failures_overflows(failures: int, random: float) -> None:
    patient = Policy(limit=10**9, base_seconds=2, cap_seconds=600, raises_alarm=False)
    outcome = after_failure(patient, failures, random=random)
    assert isinstance(outcome, Retry)
    assert outcome.delay_seconds <= patient.cap_seconds


@given(failures=st.integers(1, 100), low=CHANCE, high=CHANCE)
def test_more_chance_never_means_less_delay(failures: int, low: float, high: float) -> None:
    patient = Policy(limit=1000, base_seconds=2, cap_seconds=600, raises_alarm=False)
    shorter, longer = (after_failure(patient, failures, random=one) for one in sorted((low, high)))
    assert isinstance(shorter, Retry)
    assert isinstance(longer, Retry)
    assert shorter.delay_seconds <= longer.delay_seconds
