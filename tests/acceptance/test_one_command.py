"""`carelane up` on a bare home: embedded servers, the demonstration, and nothing left behind."""

import os

from tests.acceptance.conftest import Carelane, until


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_command_starts_everything_plays_a_story_and_leaves_nothing(tmp_path):
    carelane = Carelane(tmp_path / "home")
    del carelane.environ["STRIPE_WEBHOOK_SECRETS"]
    carelane.start(demo=True)
    assert "steps ended as the story tells" in carelane.said()
    assert carelane.json("status")["events"]["processed"] >= 6
    pids = carelane.pids()
    assert len(pids) == 12
    assert carelane.stop() == 0
    until(lambda: not any(alive(pid) for pid in pids.values()), seconds=20)


def test_the_demonstration_ends_as_told(carelane):
    done = carelane.run("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    done = carelane.run("demo", "shapes")
    assert done.returncode == 0, done.stdout + done.stderr
