import os
import time

from ingress.cli.up.demonstration import play
from ingress.cli.up.stopping import StopWish
from shared.processes import identity


class FakeSupervisor:
    """Counts its steps, and makes the wish to stop at a given one."""

    def __init__(self, wish, *, stops_at=None):
        self.wish, self.stops_at, self.steps = wish, stops_at, 0

    def step(self):
        self.steps += 1
        if self.steps == self.stops_at:
            self.wish.count += 1
        time.sleep(0.01)


class FakeReport:
    def __init__(self):
        self.lines = []

    def trouble(self, text):
        self.lines.append(text)


def played(command, *, stops_at=None):
    wish, report = StopWish(), FakeReport()
    supervisor = FakeSupervisor(wish, stops_at=stops_at)
    play({"TOLD": "yes"}, supervisor=supervisor, wish=wish, report=report, command=["/bin/sh", "-c", command])
    return supervisor, report


def test_it_knows_the_settings_in_effect_and_the_supervision_goes_on_meanwhile():
    supervisor, report = played("sleep 0.2; test $TOLD = yes")
    assert report.lines == []
    assert supervisor.steps > 1


def test_its_failure_is_told_and_is_not_ours():
    assert "code 7" in played("exit 7")[1].lines[0]


def test_a_wish_to_stop_ends_it_with_all_that_it_started(tmp_path):
    _, report = played(f"sleep 600 & echo $! > {tmp_path}/pid; wait", stops_at=50)
    assert report.lines == []
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    while _runs(pid):
        assert time.monotonic() < deadline


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return identity(pid) is not None
