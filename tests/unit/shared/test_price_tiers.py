"""The setting of price tiers is read whole, or refused with the entry that is wrong."""

import pytest

from shared import price_tiers
from shared.rules.tiers import SOLD


def test_the_setting_is_read():
    assert dict(price_tiers.parse(" price_1=premium, price_2 = basic,")) == {"price_1": "premium", "price_2": "basic"}


def test_its_tiers_are_those_that_are_sold():
    assert set(price_tiers.TIERS) == SOLD


@pytest.mark.parametrize(
    "text", ["price_1", "price_1=gold", "=basic", "a=basic,b=none", "a=grace_period", "a=basic,a=premium"]
)
def test_a_setting_that_names_no_tier_is_refused_with_the_entry(text):
    with pytest.raises(ValueError, match=r"entry [12]"):
        price_tiers.parse(text)
