"""An invoice that failed and is never paid nor voided counts until its subscription goes on without it."""

import pytest

from shared.rules.access import decide
from shared.rules.standing import Policy
from shared.rules.unpaid import Bill, Move, Unpaid, unpaid
from tests.factories.people import NOW, ago, failed, known, subscription

LONG_AGO = (Move("active", ago(400)), Move("past_due", ago(300)))


def renewal(paid_days_ago, **changes):
    return Bill(**{"billing_reason": "subscription_cycle", "paid_at": ago(paid_days_ago)} | changes)


@pytest.mark.parametrize("left", [failed(300), failed(300, paid_at=ago(100)), failed(300, void_at=ago(100))])
def test_a_failure_after_the_subscription_ran_again_has_a_grace_of_its_own(left):
    moves = (*LONG_AGO, Move("active", ago(270)), Move("past_due", ago(1)))
    one = subscription("past_due", 1, moves=moves, bills=(left, failed(1)))
    assert unpaid(one) == Unpaid(ago(1), "payment_failed")
    access = decide(known(one), Policy(), NOW)
    assert (access.level, access.tier, access.grace_is_active) == ("full", "grace_period", True)


def test_while_it_runs_again_nothing_is_unpaid():
    assert unpaid(subscription("active", moves=(*LONG_AGO, Move("active", ago(270))), bills=(failed(300),))) is None


def test_its_end_after_it_ran_again_has_a_grace_of_its_own():
    moves = (*LONG_AGO, Move("active", ago(270)), Move("canceled", ago(1)))
    assert unpaid(subscription("canceled", moves=moves, bills=(failed(300),))) == Unpaid(ago(1), "subscription_ended")


def test_a_subscription_that_we_first_hear_of_as_running_does_so_without_what_failed_before():
    moves = (Move("active", ago(270)), Move("canceled", ago(1)))
    assert unpaid(subscription("canceled", moves=moves, bills=(failed(300),))) == Unpaid(ago(1), "subscription_ended")


def test_a_later_renewal_that_was_paid_shows_that_it_runs_though_it_never_said_so():
    bills = (failed(300), renewal(270))
    assert unpaid(subscription("past_due", 300, moves=LONG_AGO, bills=bills)) is None
    again = subscription("past_due", 300, moves=LONG_AGO, bills=(*bills, failed(1)))
    assert unpaid(again) == Unpaid(ago(1), "payment_failed")
    by_bills_alone = subscription(None, bills=(*bills, failed(1)), latest_at=None)
    assert unpaid(by_bills_alone) == Unpaid(ago(1), "payment_failed")


@pytest.mark.parametrize(
    "other",
    [renewal(5, billing_reason="manual"), renewal(5, is_payment=False), renewal(15)],
    ids=["not a renewal", "of nothing", "paid before"],
)
def test_other_payments_leave_the_stretch_as_it_is(other):
    moves = (Move("active", ago(90)), Move("past_due", ago(10)))
    one = subscription("past_due", 10, moves=moves, bills=(failed(10), other))
    assert unpaid(one) == Unpaid(ago(10), "payment_failed")


def test_what_it_outlasted_says_nothing_of_its_end():
    assert unpaid(subscription("canceled", 1, bills=(failed(300),))) == Unpaid(ago(1), "subscription_ended")


def test_an_end_that_dunning_may_have_brought_is_of_the_same_stretch():
    assert unpaid(subscription("canceled", 1, bills=(failed(50),))) == Unpaid(ago(50), "payment_failed")


def test_what_it_outlasted_says_nothing_of_the_next_failure_before_or_after_it_lapses():
    bills = (failed(300), failed(1))
    assert unpaid(subscription("active", bills=bills)) == Unpaid(ago(1), "payment_failed")
    assert unpaid(subscription("past_due", 0.9, bills=bills)) == Unpaid(ago(1), "payment_failed")


def test_as_long_as_nothing_came_after_it_the_old_failure_is_what_is_known():
    one = subscription("active", bills=(failed(300),))
    assert unpaid(one) == Unpaid(ago(300), "payment_failed")
    access = decide(known(one), Policy(), NOW)
    assert (access.level, access.tier, access.grace_is_active) == ("full", "premium", False)


def test_a_subscription_that_lapsed_with_it_has_outlasted_nothing():
    moves = (*LONG_AGO, Move("canceled", ago(1)))
    assert unpaid(subscription("canceled", moves=moves, bills=(failed(300),))) == Unpaid(ago(300), "payment_failed")
