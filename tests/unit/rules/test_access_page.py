"""docs/access.md says what the rules do."""

import re
from pathlib import Path

import pytest

from shared.rules.access import decide
from shared.rules.emergency import BY_CODE, REASONS, EmergencyRule, level_for
from shared.rules.grace import IN_CRISIS, GracePolicy
from shared.rules.standing import Policy
from shared.rules.tiers import FEATURES, SYNC, TIERS
from shared.rules.unpaid import _TRIED_FOR
from tests.factories.people import NOW, known, subscription

PAGE = (Path(__file__).parents[3] / "docs" / "access.md").read_text("utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("| ")]


def rows(first_cells):
    found = {row[0].strip("`"): row[1:] for row in ROWS if row[0].strip("`") in first_cells}
    assert set(found) == set(first_cells)
    return found


STATUSES = ("trialing", "active", "past_due", "unpaid", "canceled", "paused", "incomplete", "incomplete_expired")


@pytest.mark.parametrize("status", [*STATUSES, "no subscription"])
def test_the_row_of_a_status_is_what_it_gives(status):
    cells = rows([*STATUSES, "no subscription"])[status]
    for cell, age in zip(cells, (1, 30), strict=True):
        given = known() if status == "no subscription" else known(subscription(status, age))
        access = decide(given, Policy(), NOW)
        tier = "tier" if access.tier == "premium" else access.tier
        assert cell == f"{access.level}, `{tier}`"


@pytest.mark.parametrize("tier", TIERS)
def test_the_row_of_a_tier_is_what_it_holds(tier):
    told, sync = rows(TIERS)[tier]
    below = re.match(r"those of `(\w+)`, ", told)
    named = re.findall(r"`(\w+)`", told)[1 if below else 0 :]
    assert {*(FEATURES[below[1]] if below else ()), *named} == set(FEATURES[tier])
    assert sync == f"{SYNC[tier].frequency}, {SYNC[tier].data_limit}"


def test_the_reasons_of_emergency_access_are_those_of_the_rules():
    told = rows([*REASONS, BY_CODE])
    for reason in REASONS:
        assert told[reason] == [level_for(reason, has="crisis_only")]
    assert told[BY_CODE][0].endswith(level_for(BY_CODE, has="crisis_only"))


def test_the_figures_are_those_of_the_rules():
    usual, rule = GracePolicy(), EmergencyRule()
    told = rows(IN_CRISIS)
    assert f"{usual.extension_days} days more" in told["extend"][0]
    assert f"{usual.hold_hours} h after" in told["clinical_priority"][0]
    assert (usual.days, usual.in_crisis) == (7, "clinical_priority")
    assert (rule.wrong_codes, rule.window_minutes) == (5, 15)
    assert f"{_TRIED_FOR.days} days after the failure" in PAGE
    assert "after five wrong ones in 15 minutes" in PAGE
