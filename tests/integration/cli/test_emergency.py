"""`carelane emergency code`: told once, good once, for one person."""

import re

import pytest

from shared import emergency
from shared.emergency import Opened, Refused, Terms
from shared.rules.emergency import EmergencyRule
from shared.rules.standing import Policy
from tests.integration.cli.test_token import KEY
from tests.integration.conftest import LOOKUP_KEY

TERMS = Terms(policy=Policy(), rule=EmergencyRule(), lookup_key=LOOKUP_KEY)


@pytest.fixture
def redeem(pool):
    def redeem(user_id, code):
        with pool.transaction() as own:
            return emergency.redeem(own, user_id, code, actor="test", terms=TERMS)

    return redeem


def test_a_code_is_printed_alone_on_its_line_and_opens_emergency_access_once(carelane, person, redeem):
    person("p")
    person("q")
    made = carelane("emergency", "code", "p", "--level", "essential", **KEY)
    assert made.exit_code == 0, made.stderr
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}\n", made.stdout)
    code = made.stdout.strip()
    assert redeem("q", code) == Refused("wrong_code")
    assert isinstance(redeem("p", code), Opened)
    assert redeem("p", code) == Refused("wrong_code")


def test_for_somebody_nobody_told_us_of_there_is_no_code(carelane):
    made = carelane("emergency", "code", "stranger", **KEY)
    assert (made.exit_code, made.stdout) == (1, "")
    assert "no code was made" in made.stderr
