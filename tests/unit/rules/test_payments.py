"""How a person's last payment went, and whether they have a way to pay."""

from datetime import UTC, datetime

import pytest

from shared.rules.payments import Payment, Told, has_method, last_payment

EARLY, LATE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)


def told(kind, latest_at=LATE, **state):
    return Told(kind, state, latest_at)


def invoice(status, at=LATE, **more):
    return told("invoice", last_payment_status=status, last_payment_at=at.isoformat() if at else None, **more)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (invoice("succeeded", amount_paid=5), Payment("succeeded", LATE)),
        (invoice("failed", amount_paid=0), Payment("failed", LATE)),
        (invoice("succeeded", amount_paid=0), None),
        (invoice("action_required"), None),
        (invoice(None, at=None), None),
        (told("payment_intent", status="succeeded"), Payment("succeeded", LATE)),
        (told("payment_intent", latest_at=None, status="succeeded"), None),
        (told("payment_intent", status="processing"), None),
        (told("payment_intent", status="canceled", last_failed_at=EARLY.isoformat()), Payment("failed", EARLY)),
        (told("subscription", status="active"), None),
    ],
)
def test_what_tells_of_a_payment(one, expected):
    assert last_payment([one]) == expected


def test_the_latest_counts_whatever_their_order():
    both = [invoice("failed", EARLY), told("payment_intent", status="succeeded", last_failed_at=EARLY.isoformat())]
    assert last_payment(both) == last_payment(both[::-1]) == Payment("succeeded", LATE)


def test_of_two_at_one_moment_the_one_that_went_well_is_the_later_word():
    assert last_payment([invoice("failed"), invoice("succeeded")]) == Payment("succeeded", LATE)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (told("setup_intent", on_file=True), True),
        (told("setup_intent", on_file=False), False),
        (told("subscription", default_payment_method="pm_1"), True),
        (told("subscription", default_payment_method=None), False),
        (told("invoice", default_payment_method="pm_1"), False),
    ],
)
def test_what_tells_of_a_way_to_pay(one, expected):
    assert has_method([one]) is expected


def test_of_nobody_nothing_is_known():
    assert last_payment([]) is None
    assert has_method([]) is False
