"""The words of a person's page fit what the rest of Carelane can say of them."""

from datetime import UTC, datetime

import pytest

from ingress.account.words import PLAN_OF_NO_WORDS, PLANS, TOOLS, every, situation_of
from shared.access_document import safe_default
from shared.rules.people_words import LINE_988, WORDS
from shared.rules.tiers import FEATURES

STATUSES = {"incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "paused", "canceled"}


@pytest.mark.parametrize("name", WORDS)
def test_the_situation_is_known_by_the_words_that_were_said_of_it(name):
    days = 1 if name == "last_day" else 5
    told = {"message": f"{WORDS[name].format(days=days)} {LINE_988}", "gracePeriod": {"daysLeft": days}}
    assert situation_of(told) == name


def test_what_was_said_in_other_words_is_not_guessed_at():
    assert situation_of({"message": "Words of another time.", "gracePeriod": None}) == "unknown"
    assert situation_of(safe_default("p", datetime(2026, 11, 21, tzinfo=UTC))) == "unknown"


def test_every_tool_and_every_status_has_its_words():
    assert {feature for features in FEATURES.values() for feature in features} == set(TOOLS)
    assert set(PLANS) == STATUSES
    assert PLAN_OF_NO_WORDS in every()
