"""Access for every combination of subscription, grace, crisis and emergency access; crisis features are in each."""

import itertools
from datetime import timedelta

import pytest

from schemas.subscription import STATUSES
from shared.rules import people_words, tiers
from shared.rules.access import SEVERITIES, Emergency, Known, decide
from shared.rules.grace import GracePolicy
from shared.rules.safety import violations
from shared.rules.standing import LEVELS, Policy
from shared.rules.tiers import CRISIS_SET, FEATURES, Prices
from shared.rules.unpaid import Bill
from tests.factories.people import NOW, ago, crisis, days, failed, known, subscription

POLICY = Policy()
LAPSED = ("past_due", "unpaid", "canceled", "paused")

# What one subscription gives, by its status and how many days it has had it: the table of the design, word for word.
TABLE = {
    **{("active", age): ("full", "premium") for age in (1, 30)},
    **{("trialing", age): ("full", "trial") for age in (1, 30)},
    **{(status, 1): ("full", "grace_period") for status in LAPSED},
    **{(status, 30): ("essential", "none") for status in LAPSED},
    **{(status, age): ("essential", "none") for status in ("incomplete", "incomplete_expired") for age in (1, 30)},
}
CRISES = {
    "none": (),
    "open, opened with nothing": (crisis(0.5),),
    "open, opened with premium": (crisis(0.5, level="full", tier="premium"),),
    "open twice": (crisis(0.5, severity="moderate"), crisis(0.2, severity="imminent")),
    "resolved": (crisis(3, 2, level="full", tier="premium"),),
}
EMERGENCIES = {
    "none": (),
    "essential": (Emergency(level="essential", ends_at=NOW + timedelta(hours=1)),),
    "full": (Emergency(level="full", ends_at=NOW + timedelta(hours=1), tier="basic"),),
    "over": (Emergency(level="full", ends_at=NOW, tier="premium"),),
}
BILLS = {"none": (), "failed": (failed(1),), "failed and paid": (failed(1, paid_at=ago(0.5)),)}


def every_combination():
    """All of it for no subscription, one, and two."""
    single = [subscription(status, age) for status, age in TABLE]
    single += [subscription(None, bills=(failed(age),), latest_at=None) for age in (1, 30)]
    pairs = [pair for pair in itertools.combinations(single, 2) if pair[0].status != pair[1].status]
    for chosen, crises, emergencies in itertools.product(
        [(), *((one,) for one in single), *pairs], CRISES.values(), EMERGENCIES.values()
    ):
        yield Known(subscriptions=chosen, crises=crises, emergencies=emergencies)


def test_every_status_of_stripe_is_in_the_table():
    assert {status for status, _ in TABLE} == STATUSES


@pytest.mark.parametrize(("status", "age"), TABLE)
def test_one_subscription_gives_what_the_table_says(status, age):
    access = decide(known(subscription(status, age)), POLICY, NOW)
    assert (access.level, access.tier) == TABLE[status, age]
    assert access.features == FEATURES[access.tier]
    assert access.sync == tiers.SYNC[access.tier]
    assert access.subscription_status == status
    assert not access.is_heightened


def test_who_never_subscribed_has_the_base():
    access = decide(known(), POLICY, NOW)
    assert (access.level, access.tier, access.features, access.grace) == ("essential", "none", tiers.BASE, None)


def test_crisis_features_are_in_every_answer():
    count = 0
    for count, given in enumerate(every_combination(), start=1):  # noqa: B007 - counted below
        for in_crisis in ("preserve", "extend", "clinical_priority"):
            policy = Policy(grace=GracePolicy(in_crisis=in_crisis))
            access = decide(given, policy, NOW)
            held = [one for one in given.crises if one.resolved_at is None]
            held += [one for one in given.emergencies if one.ends_at > NOW]
            level = max((one.level for one in held), key=LEVELS.index, default="essential")
            assert violations(access, in_danger=bool(held), held_level=level) == ()
            assert set(CRISIS_SET) <= set(access.features)
            assert "988" in people_words.message(access, NOW)
    assert count > 1500


def test_several_subscriptions_give_the_best_of_them_and_the_union_in_any_order():
    for pair in itertools.permutations([subscription(status, age) for status, age in TABLE], 2):
        alone = [decide(known(one), POLICY, NOW) for one in pair]
        both = decide(known(*pair), POLICY, NOW)
        best = max(alone, key=lambda one: (LEVELS.index(one.level), tiers.TIERS.index(one.tier)))
        assert (both.level, both.tier) == (best.level, best.tier)
        assert both.features == tiers.union(*(one.features for one in alone))
        assert both == decide(known(*reversed(pair)), POLICY, NOW)


def test_a_crisis_keeps_what_the_person_had_when_it_opened():
    gone = subscription("canceled", 300)
    access = decide(known(gone, crises=(crisis(290, level="full", tier="premium"),)), POLICY, NOW)
    assert access.level == "full"
    assert set(FEATURES["premium"]) <= set(access.features)
    assert access.crisis_severity == "severe"


def test_a_crisis_opens_the_advanced_features_to_those_who_never_paid():
    access = decide(known(crises=(crisis(0.1),)), POLICY, NOW)
    assert access.level == "essential"
    assert "advanced_crisis_features" in access.features
    assert decide(known(crises=(crisis(3, 1),)), POLICY, NOW).features == tiers.BASE


def test_the_gravest_of_several_crises_is_told():
    for order in itertools.permutations(SEVERITIES):
        crises = tuple(crisis(1, severity=severity) for severity in order)
        assert decide(known(crises=crises), POLICY, NOW).crisis_severity == "imminent"


def test_emergency_access_ends_on_time():
    given = Emergency(level="full", ends_at=NOW, tier="premium")
    assert decide(known(emergencies=(given,)), POLICY, NOW - timedelta(seconds=1)).level == "full"
    assert decide(known(emergencies=(given,)), POLICY, NOW).level == "essential"


def test_a_failed_card_starts_grace_while_the_subscription_still_says_active():
    access = decide(known(subscription("active", 30, bills=(failed(1),))), POLICY, NOW)
    assert (access.level, access.tier) == ("full", "premium")
    assert access.grace_is_active
    assert access.grace.started_at == ago(1)


def test_an_invoice_that_failed_gives_grace_before_its_subscription_is_known():
    access = decide(known(subscription(None, bills=(failed(1),), latest_at=None)), POLICY, NOW)
    assert (access.level, access.tier) == ("full", "grace_period")


def test_the_first_invoice_that_failed_gives_nothing_that_was_not_had():
    first = Bill(billing_reason="subscription_create", first_failed_at=ago(1))
    for status in (None, "incomplete", "incomplete_expired"):
        access = decide(known(subscription(status, bills=(first,))), POLICY, NOW)
        assert (access.level, access.grace) == ("essential", None)


@pytest.mark.parametrize("status", ["past_due", "unpaid"])
def test_a_payment_gives_full_access_before_the_subscription_says_so(status):
    paid = subscription(status, 30, bills=(failed(30, paid_at=ago(0)),))
    access = decide(known(paid), POLICY, NOW)
    assert (access.level, access.tier, access.grace) == ("full", "premium", None)


@pytest.mark.parametrize("status", ["canceled", "paused"])
def test_a_payment_brings_back_no_subscription_that_ended_or_is_paused(status):
    paid = subscription(status, 30, bills=(failed(30, paid_at=ago(0)),))
    assert decide(known(paid), POLICY, NOW).level == "essential"


def test_the_subscriptions_later_word_stands_against_an_older_payment():
    paid = subscription("past_due", 2, bills=(failed(30, paid_at=ago(3)),))
    access = decide(known(paid), POLICY, NOW)
    assert (access.tier, access.grace.started_at) == ("grace_period", ago(2))


def test_an_invoice_of_nothing_is_no_payment():
    free = Bill(paid_at=ago(0.5), is_payment=False)
    assert decide(known(subscription("past_due", 30, bills=(free,))), POLICY, NOW).level == "essential"


def test_who_has_a_paid_subscription_is_told_nothing_of_one_that_ended():
    access = decide(known(subscription("active"), subscription("canceled")), POLICY, NOW)
    assert (access.tier, access.grace, access.grace_is_active) == ("premium", None, False)


def test_what_is_paid_for_a_price_without_a_tier_is_given_and_named():
    odd = subscription("active", prices=Prices(ids=("price_odd",)))
    access = decide(known(odd), POLICY, NOW)
    assert (access.level, access.tier, access.unmapped) == ("full", "basic", ("price_odd",))
    assert decide(known(subscription("past_due", prices=Prices(ids=("price_odd",)))), POLICY, NOW).unmapped == ()


def test_the_next_change_is_the_first_that_comes_by_time_alone():
    soon = Emergency(level="full", ends_at=NOW + timedelta(hours=1))
    late = subscription("past_due", 1)
    assert decide(known(late, emergencies=(soon,)), POLICY, NOW).changes_at == soon.ends_at
    assert decide(known(late), POLICY, NOW).changes_at == NOW + days(6)
    assert decide(known(subscription("past_due", 30)), POLICY, NOW).changes_at is None


def test_a_violation_of_safety_is_named():
    good = decide(known(), POLICY, NOW)
    assert violations(good, in_danger=True, held_level="full") == (
        "below_held_level",
        "emergency_features_off",
        "advanced_crisis_missing",
    )
    bare = type(good)(
        **{name: getattr(good, name) for name in good.__slots__} | {"features": (), "level": "crisis_only"}
    )
    assert violations(bare, in_danger=False) == (
        "crisis_features_missing",
        "base_features_missing",
        "below_essential",
    )


@pytest.mark.parametrize("bills", BILLS.values(), ids=BILLS)
@pytest.mark.parametrize("status", [*sorted(STATUSES), None])
def test_bills_never_lower_what_a_status_gives(status, bills):
    without = decide(known(subscription(status, 30)), POLICY, NOW)
    with_bills = decide(known(subscription(status, 30, bills=bills)), POLICY, NOW)
    assert LEVELS.index(with_bills.level) >= LEVELS.index(without.level)
    assert set(with_bills.features) >= set(without.features)
