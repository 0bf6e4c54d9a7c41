"""What people are told is easy to read: short sentences of short words, in both languages, and never a threat.

English by Flesch-Kincaid (a grade of school: Kincaid et al., 1975), Spanish by Fernández Huerta (100 is the easiest;
70 and more is easy: Fernández Huerta, 1959). Both are made for texts, so the whole of what pages say is taken as one;
no single sentence may be long either.
"""

import re

import pytest

from ingress.account import gathering
from ingress.account.languages import read_all

# Sixth grade is what health departments ask for; who is shaken reads worse than on a good day.
HARDEST_GRADE = 3.0
LEAST_EASE_IN_SPANISH = 85.0
MOST_WORDS = 16
FRIGHTENING = {
    "en": r"\b(fail\w*|overdue|debt|owe\w*|penalt\w*|suspend\w*|terminat\w*|must|immediately|urgent\w*|only \d+|"
    r"warning|invalid|declin\w*|den(y|ied)|lose|lost access|expire\w*|delinquen\w*|unpaid)\b",
    "es": r"\b(fracas\w*|deud\w*|debes|mora|multa\w*|suspend\w*|urgent\w*|inmediat\w*|solo \d+|advertencia|inválid\w*|"
    r"rechaz\w*|perder\w*|pierd\w*|venc\w*|impag\w*)\b",
}


@pytest.fixture(scope="module")
def texts():
    """Every message by language, with a value where one stands."""
    ids = [message.id for message in gathering.gathered() if message.id]
    return {
        code: [re.sub(r"\{\w+\}", "5", language.translations.gettext(text)) for text in ids]
        for code, language in read_all().items()
    }


def sentences(texts):
    """Whole ones: headings and buttons would make the rest look easier than it is."""
    return [part for text in texts for part in re.split(r"(?<=[.?!])\s+", text) if part.endswith((".", "?", "!"))]


def _words(text):
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)


def english_syllables(word):
    """Groups of vowels, less a silent e: right for most words, and one too many rather than one too few."""
    plain = word.lower()
    count = len(re.findall(r"[aeiouy]+", plain))
    return max(1, count - (plain.endswith("e") and not plain.endswith("le") and count > 1))


def spanish_syllables(word):
    """Spanish is written as it is spoken: two strong vowels are two syllables, and so is a weak one with an accent."""
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.lower())
    groups = re.findall(r"[aeiouáéíóúü]+", plain)
    return max(
        1, sum(1 + len(re.findall(r"(?<=[aeoáéó])[aeoáéó]|[íú](?=[aeo])|(?<=[aeo])[íú]", one)) for one in groups)
    )


def test_syllables_are_counted_as_they_are_spoken():
    english = {"call": 1, "breathing": 2, "exercises": 4, "people": 2, "care": 1, "safety": 3, "you": 1, "table": 2}
    assert {word: english_syllables(word) for word in english} == english
    spanish = {"día": 2, "cuidado": 3, "seguridad": 4, "que": 1, "peor": 2, "pausa": 2, "aún": 2, "línea": 3}
    assert {word: spanish_syllables(word) for word in spanish} == spanish


def test_english_is_easy(texts):
    said = sentences(texts["en"])
    words = [word for one in said for word in _words(one)]
    grade = 0.39 * len(words) / len(said) + 11.8 * sum(map(english_syllables, words)) / len(words) - 15.59
    assert grade <= HARDEST_GRADE


def test_spanish_is_easy(texts):
    said = sentences(texts["es"])
    words = [word for one in said for word in _words(one)]
    ease = 206.84 - 60 * sum(map(spanish_syllables, words)) / len(words) - 1.02 * len(words) / len(said)
    assert ease >= LEAST_EASE_IN_SPANISH


def test_no_sentence_is_long(texts):
    assert [one for said in texts.values() for one in sentences(said) if len(_words(one)) > MOST_WORDS] == []


@pytest.mark.parametrize("code", FRIGHTENING)
def test_no_word_blames_threatens_or_hurries(texts, code):
    assert [text for text in texts[code] if re.search(FRIGHTENING[code], text, re.IGNORECASE)] == []


def test_every_language_has_its_own_list_of_words_that_frighten(texts):
    assert set(texts) == set(FRIGHTENING)
