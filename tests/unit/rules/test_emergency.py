"""Emergency access gives at least what the person has; a code is understood however it is typed."""

import pytest

from shared.rules.emergency import ALPHABET, BY_CODE, CODE_LENGTH, REASONS, level_for, normal, readable
from shared.rules.standing import LEVELS


@pytest.mark.parametrize("reason", [*REASONS, BY_CODE])
@pytest.mark.parametrize("has", LEVELS)
def test_no_reason_takes_away_what_the_person_has(reason, has):
    level = level_for(reason, has=has)
    assert LEVELS.index(level) >= max(LEVELS.index(has), LEVELS.index("essential"))


def test_a_crisis_opens_everything_and_a_code_what_it_was_made_for():
    assert level_for("crisis_detected", has="essential") == "full"
    assert level_for(BY_CODE, has="essential", code_gives="essential") == "essential"
    assert level_for(BY_CODE, has="full", code_gives="essential") == "full"
    assert level_for("payment_failure", has="essential") == "essential"


@pytest.mark.parametrize("typed", ["A0B1C-2D3E4", "a0b1c2d3e4", " aOblc 2d3e4 ", "AOBIC-2D3E4"])
def test_a_code_is_understood_however_it_is_typed(typed):
    assert normal(typed) == "A0B1C2D3E4"


@pytest.mark.parametrize("typed", ["", "A0B1C-2D3E", "A0B1C-2D3E44", "A0B1C-2D3E!", "U0B1C-2D3E4", "é" * 10])
def test_what_cannot_be_a_code_is_none(typed):
    assert normal(typed) is None


def test_a_code_is_handed_out_in_two_groups():
    code = ALPHABET[:CODE_LENGTH]
    assert normal(readable(code)) == code
    assert readable(code).count("-") == 1
