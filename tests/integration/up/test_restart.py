"""`carelane restart` against a running `carelane up`: one after the other, until one does not come back."""

import os
import subprocess
import sys

from .conftest import PROCFILE, ROOT

# It comes up once; the second one ends before it is ready.
ONCE = """
steady: sh -c 'cd $CARELANE_HOME && test ! -e once && touch once run/ready/steady && exec sleep 600'
beat: python stand_in.py worker
"""


def restart(home, *names):
    return subprocess.run(
        [sys.executable, "-m", "ingress.cli.main", "restart", *names],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CARELANE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_where_nothing_runs_nothing_is_restarted(tmp_path):
    done = restart(tmp_path)
    assert done.returncode == 1
    assert "no `carelane up` is running" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_first_that_does_not_come_back_ends_the_restart_and_the_rest_goes_on(make_up):
    up = make_up(procfile=PROCFILE + ONCE).start()
    before = {name: up.entry(name) for name in ("webhook", "crisis", "relay", "beat", "postgres", "valkey")}
    done = restart(up.home, "relay", "steady", "beat")
    assert done.returncode == 1, done.stdout
    assert done.stdout == "relay was restarted\n"
    assert "steady did not come back; left as they were: beat" in done.stderr
    assert "steady did not come back: the rolling restart ends here" in up.said()
    assert up.entry("relay")["pid"] != before["relay"]["pid"]
    assert up.entry("relay")["restarts"] == before["relay"]["restarts"]
    unchanged = [name for name in before if name != "relay"]
    assert [up.entry(name) for name in unchanged] == [before[name] for name in unchanged]
    assert not (up.home / "run" / "restart.json").exists()
    assert up.stop() == 0
    done = restart(up.home)  # the note of what ran is still there, and not believed
    assert done.returncode == 1
    assert "no `carelane up` is running" in done.stderr


def test_what_shows_no_pulse_is_stopped_and_started_services_are_left_alone(running):
    before = {entry["name"]: entry["pid"] for entry in running.state()["processes"]}
    done = restart(running.home)
    assert done.returncode == 0, done.stderr
    after = {entry["name"]: entry["pid"] for entry in running.state()["processes"]}
    assert [name for name in before if before[name] == after[name]] == ["postgres", "valkey"]
    assert all(entry["ready"] for entry in running.state()["processes"])
