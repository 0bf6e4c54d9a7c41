"""One grace period for each unpaid stretch, seven days from its start, held by a crisis as the setting says."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rules.grace import IN_CRISIS, Danger, GracePolicy, grace_of
from shared.rules.unpaid import Move, Unpaid, unpaid
from tests.factories.people import NOW, ago, days, failed, subscription

STRETCH = Unpaid(NOW, "payment_failed")
END = NOW + days(7)


def ends(crises, *, at, in_crisis="clinical_priority", own_days=None):
    """In days after the start; None for no end yet."""
    policy = GracePolicy(in_crisis=in_crisis)
    grace = grace_of(STRETCH, own_days=own_days, crises=crises, policy=policy, now=NOW + days(at))
    return None if grace.ends_at is None else (grace.ends_at - NOW) / days(1)


def danger(opened, resolved=None):
    return Danger(NOW + days(opened), None if resolved is None else NOW + days(resolved))


def test_it_lasts_seven_days_and_not_a_moment_longer():
    grace = grace_of(STRETCH, own_days=None, crises=(), policy=GracePolicy(), now=NOW)
    assert (grace.started_at, grace.ends_at, grace.reason) == (NOW, END, "payment_failed")
    assert grace.is_active(END - timedelta(microseconds=1))
    assert not grace.is_active(END)


def test_staff_may_give_a_person_more_days_and_never_fewer():
    assert ends((), at=0, own_days=30) == 30
    assert ends((), at=0, own_days=2) == 7


@pytest.mark.parametrize(
    ("in_crisis", "crises", "at", "expected"),
    [
        ("preserve", [danger(5)], 8, 7),
        ("extend", [danger(5)], 8, 14),
        ("extend", [danger(5)], 20, 14),  # once
        ("extend", [danger(5, 6)], 8, 7),
        ("extend", [danger(8)], 9, 7),
        ("clinical_priority", [danger(5)], 8, None),
        ("clinical_priority", [danger(5, 9)], 10, 12),
        ("clinical_priority", [danger(5, 9)], 400, 12),
        ("clinical_priority", [danger(5, 6)], 8, 7),
        ("clinical_priority", [danger(8)], 9, 7),  # it was over before the crisis opened
        ("clinical_priority", [danger(5, 9), danger(11)], 13, None),  # open when the hold would end
        ("clinical_priority", [danger(5, 9), danger(11, 14)], 15, 17),
        ("clinical_priority", [danger(5, 9), danger(6, 8)], 15, 12),
        ("clinical_priority", [danger(7)], 8, None),
        ("clinical_priority", [danger(6, 7)], 8, 7),
    ],
)
def test_a_crisis_that_is_open_at_the_end_acts_by_the_setting(in_crisis, crises, at, expected):
    assert ends(crises, at=at, in_crisis=in_crisis) == expected


@pytest.mark.parametrize("in_crisis", IN_CRISIS)
def test_before_the_end_comes_a_crisis_changes_nothing(in_crisis):
    assert ends([danger(1)], at=2, in_crisis=in_crisis) == 7


spans = st.tuples(st.integers(-48, 700), st.none() | st.integers(1, 400))
crises_drawn = st.lists(spans, max_size=5).map(
    lambda drawn: [
        Danger(
            NOW + timedelta(hours=start),
            None if length is None else NOW + timedelta(hours=start) + timedelta(hours=length),
        )
        for start, length in drawn
    ]
)


@given(crises=crises_drawn, hours=st.integers(0, 1500))
def test_under_clinical_priority_no_grace_ends_while_a_crisis_that_found_it_running_is_open(crises, hours):
    now = NOW + timedelta(hours=hours)
    policy = GracePolicy()
    for crisis in crises:
        before = grace_of(STRETCH, own_days=None, crises=crises, policy=policy, now=max(crisis.opened_at, NOW))
        if crisis.covers(now) and before.is_active(crisis.opened_at):
            assert grace_of(STRETCH, own_days=None, crises=crises, policy=policy, now=now).is_active(now)


@given(crises=crises_drawn, hours=st.integers(0, 1500), later=st.integers(0, 200), in_crisis=st.sampled_from(IN_CRISIS))
def test_what_is_over_does_not_come_back(crises, hours, later, in_crisis):
    """Crises open only now or later change nothing of a grace period that is over."""
    now, policy = NOW + timedelta(hours=hours), GracePolicy(in_crisis=in_crisis)
    known = [crisis for crisis in crises if crisis.opened_at <= now]
    then = grace_of(STRETCH, own_days=None, crises=known, policy=policy, now=now)
    if not then.is_active(now):
        after = now + timedelta(hours=later)
        assert not grace_of(STRETCH, own_days=None, crises=crises, policy=policy, now=after).is_active(after)


def test_a_retry_and_a_second_invoice_that_fails_begin_nothing_new():
    one = subscription("past_due", 9.9, bills=(failed(10), failed(2)))
    assert unpaid(one) == Unpaid(ago(10), "payment_failed")


def test_the_end_of_a_subscription_that_was_unpaid_begins_nothing_new():
    moves = (Move("active", ago(90)), Move("past_due", ago(30)), Move("unpaid", ago(20)), Move("canceled", ago(1)))
    assert unpaid(subscription("canceled", moves=moves)) == Unpaid(ago(30), "payment_failed")


def test_a_subscription_that_was_ended_counts_from_its_end():
    assert unpaid(subscription("canceled", 3)) == Unpaid(ago(3), "subscription_ended")
    assert unpaid(subscription("paused", 3)) == Unpaid(ago(3), "subscription_paused")


def test_a_subscription_given_up_before_its_first_payment_has_none():
    moves = (Move("incomplete", ago(2)), Move("canceled", ago(1)))
    assert unpaid(subscription("canceled", moves=moves)) is None


def test_after_a_payment_the_next_failure_begins_a_stretch_of_its_own():
    moves = (Move("active", ago(90)), Move("past_due", ago(40)), Move("active", ago(38)), Move("past_due", ago(3)))
    bills = (failed(40, paid_at=ago(38)), failed(3))
    assert unpaid(subscription("past_due", 3, moves=moves, bills=bills)) == Unpaid(ago(3), "payment_failed")


def test_an_older_invoice_that_is_paid_does_not_end_the_stretch_of_a_newer():
    bills = (failed(10, paid_at=ago(1)), failed(5))
    moves = (Move("active", ago(90)), Move("past_due", ago(10)))
    assert unpaid(subscription("past_due", 10, moves=moves, bills=bills)) == Unpaid(ago(10), "payment_failed")


def test_a_void_invoice_asks_nothing_any_more():
    assert unpaid(subscription("active", bills=(failed(10, void_at=ago(9)),))) is None


def test_a_payment_ends_the_stretch_though_the_subscription_never_said_so():
    moves = (Move("active", ago(90)), Move("past_due", ago(40)))
    lost = subscription("past_due", 3, moves=moves, bills=(failed(40, paid_at=ago(38)), failed(3)))
    assert unpaid(lost) == Unpaid(ago(3), "payment_failed")
    ended = (*moves, Move("canceled", ago(2)))
    assert unpaid(subscription("canceled", moves=ended, bills=(failed(40, paid_at=ago(38)),))) == Unpaid(
        ago(2), "subscription_ended"
    )


def test_a_payment_that_the_subscription_did_not_take_as_one_ends_nothing():
    moves = (Move("active", ago(90)), Move("past_due", ago(10)))
    said_later = subscription("past_due", moves=moves, latest_at=ago(1), bills=(failed(10, paid_at=ago(5)),))
    assert unpaid(said_later) == Unpaid(ago(10), "payment_failed")


def test_a_payment_before_the_lapse_or_within_one_that_is_over_changes_nothing():
    moves = (Move("active", ago(90)), Move("past_due", ago(40)), Move("active", ago(30)), Move("past_due", ago(3)))
    bills = (failed(70, paid_at=ago(69)), failed(40, paid_at=ago(35)))
    assert unpaid(subscription("past_due", 3, moves=moves, bills=bills)) == Unpaid(ago(3), "payment_failed")
