"""What is a flood of deaths, and what is not."""

import pytest

from shared.rules.guard import FloodRule

RULE = FloodRule(deaths=20, percent=50, minutes=15)


@pytest.mark.parametrize(
    ("deaths", "ended", "flood"),
    [(0, 0, False), (19, 19, False), (20, 20, True), (20, 40, True), (20, 41, False), (1000, 1999, True)],
)
def test_a_flood_needs_a_number_and_a_share(deaths, ended, flood):
    assert RULE.is_flood(deaths=deaths, ended=ended) is flood
