"""What does not get on is killed, and nobody else."""

import os
import signal
import subprocess
import sys

import pytest

from ingress.cli.up.child import Child
from ingress.cli.up.program import Program
from ingress.cli.up.pulses import Vigil, group_of
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


def child_of(tmp_path, **changes):
    child = Child(
        Program(
            name="crisis",
            command=(sys.executable, "-c", "import time; time.sleep(60)"),
            environ={},
            directory=tmp_path,
            log=tmp_path / "log",
            is_ready=lambda: True,
            **changes,
        )
    )
    child.ready = True
    return child


@pytest.fixture
def sleeper(tmp_path):
    child = child_of(tmp_path, stale_seconds=15.0)
    child.popen = child.program.spawn()
    yield child
    child.popen.kill()
    child.popen.wait()


def watched(tmp_path, child):
    vigil = Vigil(tmp_path)
    vigil.begins(child)
    vigil.is_due(0)
    return vigil


def after(vigil, *moments):
    return [vigil.is_due(now) for now in moments]


def test_a_leader_that_does_not_get_on_is_killed_with_its_group(tmp_path, touch, sleeper):
    vigil = watched(tmp_path, sleeper)
    touch(sleeper.popen.pid, 100)
    assert list(vigil.end_stale(sleeper)) == []
    after(vigil, *range(1, 16))
    assert list(vigil.end_stale(sleeper)) == []
    after(vigil, 16)
    assert list(vigil.end_stale(sleeper)) == ["crisis no longer gets on and is killed"]
    assert sleeper.popen.wait(10) == -signal.SIGKILL
    assert list(pulse.pulses(tmp_path, "crisis")) == []


def test_time_in_which_nobody_looked_is_held_against_nobody(tmp_path, touch, sleeper):
    vigil = watched(tmp_path, sleeper)
    touch(sleeper.popen.pid, 100)
    assert list(vigil.end_stale(sleeper)) == []
    after(vigil, 1, 10_000, 20_000)
    assert list(vigil.end_stale(sleeper)) == []
    assert sleeper.popen.poll() is None


def test_of_a_stranger_with_the_number_of_a_dead_process_only_the_file_goes(tmp_path, touch, sleeper):
    vigil = watched(tmp_path, sleeper)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as stranger:
        touch(stranger.pid, 100)
        assert list(vigil.end_stale(sleeper)) == []
        after(vigil, *range(1, 17))
        assert list(vigil.end_stale(sleeper)) == []
        assert stranger.poll() is None
        stranger.kill()
    assert list(pulse.pulses(tmp_path, "crisis")) == []


def test_what_is_not_ready_or_shows_no_pulse_is_left_alone(tmp_path, touch, sleeper):
    vigil = watched(tmp_path, sleeper)
    touch(sleeper.popen.pid, 100)
    sleeper.ready = False
    after(vigil, *range(1, 40))
    assert list(vigil.end_stale(sleeper)) == []
    silent = child_of(tmp_path)
    silent.popen = sleeper.popen
    assert list(watched(tmp_path, silent).end_stale(silent)) == []


def test_a_number_that_nobody_has_has_no_group():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert group_of(process.pid) is None
    assert group_of(os.getpid()) == os.getpgrp()
