"""Who is taken for frozen: by a clock that stands still while nobody looks."""

import os

import pytest

from ingress.cli.up.pulses import Pulses, Vigil
from shared import pulse


@pytest.fixture
def touch(tmp_path):
    """Touch a pulse file as if the process of this number had done it at that second."""

    def touch(pid, at, name="crisis"):
        path = pulse.folder(tmp_path) / f"{name}.{pid}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (at, at))

    return touch


def test_a_process_is_stale_when_its_file_was_not_touched_for_too_long(tmp_path, touch):
    pulses = Pulses(tmp_path, "crisis", 15)
    touch(1, 100)
    touch(2, 100)
    touch(3, 100, name="crisis.2")
    assert pulses.stale(0) == []
    touch(2, 101)
    assert pulses.stale(15) == []
    assert pulses.stale(15.1) == [1]
    touch(1, 99)  # any other time will do: clocks are set back
    assert pulses.stale(15.2) == []


def test_what_is_forgotten_has_no_file_any_more(tmp_path, touch):
    pulses = Pulses(tmp_path, "crisis", 15)
    touch(1, 100)
    touch(2, 100)
    pulses.forget(1)
    assert [pid for pid, _ in pulse.pulses(tmp_path, "crisis")] == [2]
    pulses.clear()
    assert list(pulse.pulses(tmp_path, "crisis")) == []


def test_the_files_are_looked_at_twice_a_second_and_not_more_often(tmp_path):
    vigil = Vigil(tmp_path)
    assert [vigil.is_due(tenths / 10) for tenths in range(11)].count(True) == 3


def test_a_program_is_silent_when_none_of_its_processes_shows_life_for_twice_as_long(tmp_path, touch):
    pulses = Pulses(tmp_path, "webhook", 15)
    touch(1, 100, name="webhook")
    touch(2, 100, name="webhook")
    pulses.stale(0)
    for pid in (1, 2):
        pulses.forget(pid)
    pulses.stale(30)
    assert not pulses.is_silent(30)
    assert pulses.is_silent(30.1)
    touch(3, 131, name="webhook")
    pulses.stale(31)
    assert not pulses.is_silent(40)
