"""What is shown of what is known: nothing that confuses, nothing of payments that danger would meet."""

from datetime import UTC, datetime, timedelta

import pytest

from ingress.account.reading import Known
from ingress.account.showing import shown
from ingress.account.words import PAYMENTS, PLANS, TOOLS, UNTIL
from shared.moments import iso
from shared.rules.people_words import LINE_988, WORDS
from shared.rules.tiers import BASE

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LATER, BEFORE = NOW + timedelta(days=9), NOW - timedelta(days=9)


def access(situation, **more):
    told = f"{WORDS[situation].format(days=5)} {LINE_988}"
    grace = {"daysLeft": 5, "endsAt": iso(LATER)}
    return (
        {"message": told, "gracePeriod": grace, "emergencyAccess": {}, "features": list(BASE)}
        | more
        | {
            "asOf": iso(NOW),
            "degraded": False,
        }
    )


def payments(status, *, last=None, **more):
    days = dict.fromkeys(("currentPeriodEnd", "trialEnd", "endedAt"))
    one = {"status": status, "cancelAtPeriodEnd": False} | days | {name: iso(day) for name, day in more.items()}
    return {
        "subscriptions": [one],
        "lastPayment": None if last is None else {"status": last, "at": iso(BEFORE)},
        "paymentMethodOnFile": True,
    }


def said(situation, given):
    return [(line.text, line.day) for line in shown(Known(access(situation), given), NOW).plans[0]]


@pytest.mark.parametrize(
    ("status", "field", "told"),
    [("active", "currentPeriodEnd", "renews"), ("trialing", "trialEnd", "trial"), ("canceled", "endedAt", "ended")],
)
def test_a_plan_is_told_with_the_day_that_matters(status, field, told):
    day = BEFORE if told == "ended" else LATER
    assert said("running", payments(status, **{field: day})) == [(PLANS[status], None), (UNTIL[told], day)]


@pytest.mark.parametrize(("status", "field"), [("active", "currentPeriodEnd"), ("trialing", "trialEnd")])
def test_a_day_to_come_that_is_past_is_not_told(status, field):
    assert said("running", payments(status, **{field: BEFORE})) == [(PLANS[status], None)]


def test_only_what_is_past_due_is_said_to_be_tried_again():
    found = {status: shown(Known(access("grace"), payments(status)), NOW).is_tried_again for status in PLANS}
    assert [status for status, is_tried in found.items() if is_tried] == ["past_due"]


@pytest.mark.parametrize("situation", WORDS)
def test_a_payment_that_did_not_work_can_be_put_right_by_everybody_but_who_is_in_danger(situation):
    found = shown(Known(access(situation), payments("past_due", last="failed")), NOW)
    assert PAYMENTS["failed"] in [line.text for line in found.payments]
    assert found.has_to_put_right is (situation not in {"crisis", "emergency"})


def test_tools_that_have_no_words_are_left_out_and_without_any_the_safety_tools_are_named():
    some = shown(Known(access("running", features=["safety_plan", "of_tomorrow"])), NOW)
    assert list(some.tools) == [TOOLS["safety_plan"]]
    none = shown(Known(access("running", features=None)), NOW)
    assert list(none.tools) == [TOOLS[name] for name in BASE]


def test_what_was_known_before_is_said_to_be():
    old = access("grace") | {"degraded": True}
    found = shown(Known(old, is_away=True), NOW)
    assert (found.as_of, found.is_away, list(found.plans)) == (NOW, True, [])
    assert shown(Known(access("grace")), NOW).as_of is None
