import os
import time

import pytest

from ingress.cli import exits
from shared import pulse


def test_a_process_that_touches_its_file_gets_on(carelane, home):
    pulse.beat(home, "crisis.2")
    assert carelane("alive", "crisis.2").exit_code == exits.OK


@pytest.mark.parametrize("name", ["crisis", "relay", "crisis.1"])
def test_one_without_a_file_of_its_own_does_not(carelane, home, name):
    pulse.beat(home, "crisis.2")
    ran = carelane("alive", name)
    assert ran.exit_code == exits.FAILED
    assert f"{name} shows no sign of life" in ran.stderr


def test_one_whose_file_was_not_touched_for_a_while_does_not(carelane, home):
    pulse.beat(home, "relay")
    long_ago = time.time() - 120
    os.utime(pulse.folder(home) / f"relay.{os.getpid()}", (long_ago, long_ago))
    assert carelane("alive", "relay").exit_code == exits.FAILED


def test_the_name_may_come_from_the_environment(carelane, home):
    pulse.beat(home, "beat")
    assert carelane("alive", CARELANE_PROCESS="beat").stdout == "beat gets on\n"
