"""Which tier a price stands for, and that each tier holds what the design says."""

import pytest

from shared.rules.tiers import (
    BASE,
    CRISIS_SET,
    FEATURES,
    SYNC,
    TIERS,
    Prices,
    highest,
    tier_of,
    union,
)


def test_every_tier_holds_the_base_and_the_base_the_crisis_set():
    assert set(FEATURES) == set(SYNC) == set(TIERS)
    assert set(CRISIS_SET) < set(BASE)
    assert all(set(BASE) <= set(features) for features in FEATURES.values())
    assert set(FEATURES["basic"]) < set(FEATURES["premium"])


def test_data_limits_are_told_in_words():
    assert [SYNC[tier].data_limit for tier in TIERS] == ["10 MB", "25 MB", "10 MB", "50 MB", "unlimited"]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        (Prices(ids=("price_1",), lookup_keys=("basic",), metadata="trial"), "premium"),
        (Prices(ids=("price_2",), lookup_keys=("care_basic_monthly",), metadata="premium"), "basic"),
        (Prices(ids=("price_2",), lookup_keys=("Premium-Yearly",)), "premium"),
        (Prices(ids=("price_2",), lookup_keys=("plan_7",)), "trial"),  # the settings may name a lookup key
        (Prices(ids=("price_2",), metadata=" Premium "), "premium"),
        (Prices(ids=("price_2", "price_1"), metadata="basic"), "premium"),
        (Prices(ids=("price_2",), lookup_keys=("basic_monthly", "premium_addon")), "premium"),
        (Prices(ids=("price_2",), lookup_keys=("basic_to_premium",)), None),
        (Prices(ids=("price_2",), metadata="grace_period"), None),
        (Prices(ids=("price_2",), metadata="gold"), None),
        (Prices(), None),
    ],
)
def test_the_settings_come_before_the_lookup_key_and_that_before_metadata(prices, expected):
    assert tier_of(prices, {"price_1": "premium", "plan_7": "trial"}) == expected


def test_the_highest_of_none_is_none():
    assert highest([]) == "none"
    assert highest(["trial", "premium", "basic"]) == "premium"


def test_a_union_is_in_one_order_for_everybody():
    assert union(FEATURES["trial"], FEATURES["basic"]) == union(FEATURES["basic"], FEATURES["trial"])
