"""What a person reads: easy, kind, without blame, jargon or amounts, and always with the number to call."""

import re
from datetime import timedelta

import pytest

from shared.rules import people_words
from shared.rules.access import Emergency, decide
from shared.rules.people_words import LINE_988, WORDS, days_left, message, message_when_unknown, situation
from shared.rules.standing import Policy
from tests.factories.people import NOW, crisis, failed, known, subscription

HIGHEST_GRADE = 6
# Blame, threat, jargon, money, and words about our machinery.
FORBIDDEN = """
fail failed failure declined overdue past due delinquent unpaid owe owed owing debt late penalty fault
must immediately required warning final suspended terminated blocked denied revoked deactivated expired expires lost
invoice billing charge charged fee price cost dollar payment pay paid card bank subscription subscribe account grace
period tier premium basic error degraded server database system access level status crisis emergency patient disorder
suicide suicidal illness sick because unfortunately sorry
"""

SITUATIONS = {
    "crisis": known(subscription("past_due", 30), crises=(crisis(1),)),
    "emergency": known(emergencies=(Emergency(level="full", ends_at=NOW + timedelta(hours=1)),)),
    "running": known(subscription("active")),
    "renewing": known(subscription("active", bills=(failed(1),))),
    "trial": known(subscription("trialing")),
    "grace": known(subscription("past_due", 1)),
    "last_day": known(subscription("canceled", 6.5)),
    "held": known(subscription("past_due", 8), crises=(crisis(2, 0.5),)),
    "after": known(subscription("unpaid", 30)),
    "open": known(),
}


def syllables(word):
    word = re.sub(r"e$", "", word.lower()) if not word.lower().endswith("le") else word.lower()
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text):
    """Flesch-Kincaid: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [part for part in re.split(r"[.!?]+", text) if part.strip()]
    words = re.findall(r"[A-Za-z0-9'-]+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_knows_easy_from_hard():
    assert grade("The cat sat on the mat. It was glad.") < 2
    assert (
        grade("Your subscription's continuation necessitates immediate satisfaction of outstanding liabilities.") > 15
    )


@pytest.mark.parametrize("name", WORDS)
def test_every_text_can_be_read_by_a_child_of_twelve(name):
    assert grade(f"{WORDS[name]} {LINE_988}") <= HIGHEST_GRADE


@pytest.mark.parametrize("name", WORDS)
def test_no_text_holds_blame_jargon_or_amounts(name):
    words = set(re.findall(r"[a-z]+", WORDS[name].lower()))
    assert not words & set(FORBIDDEN.split())
    assert not re.search(r"[$€£%]|\d", WORDS[name])


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_situation_has_its_words_and_the_line(name):
    access = decide(SITUATIONS[name], Policy(), NOW)
    if name == "held":  # the crisis is resolved, and the hold has three days yet
        assert (situation(access, NOW), days_left(access, NOW)) == ("grace", 3)
        return
    assert situation(access, NOW) == name
    text = message(access, NOW)
    assert text.endswith(LINE_988)
    assert "{" not in text
    assert "None" not in text


def test_every_text_is_met():
    assert set(WORDS) - {"unknown", "held"} == set(SITUATIONS) - {"held"}
    assert "988" in message_when_unknown()


def test_a_grace_period_without_an_end_names_no_number_of_days():
    held = known(subscription("past_due", 8), crises=(crisis(2),))
    access = decide(held, Policy(), NOW)
    assert (access.grace.ends_at, days_left(access, NOW)) == (None, None)
    calm = type(access)(**{name: getattr(access, name) for name in access.__slots__} | {"crisis_severity": None})
    assert situation(calm, NOW) == "held"
    assert message(calm, NOW) == f"{WORDS['held']} {LINE_988}"


@pytest.mark.parametrize(("since", "left"), [(0, 7), (0.1, 7), (1, 6), (6.5, 1), (7, 0), (30, 0)])
def test_a_day_that_has_begun_counts(since, left):
    assert days_left(decide(known(subscription("past_due", since)), Policy(), NOW), NOW) == left


def test_the_hotline_is_the_one_of_the_country():
    assert (people_words.HOTLINE.phone, people_words.HOTLINE.text) == ("988", "988")
