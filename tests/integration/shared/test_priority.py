"""Who gives way has PostgreSQL's process of its connection give way too, and nobody else's."""

import os
import shutil
import subprocess
import sys

import pytest

from shared import priority

_NICER = 5
_ASK = """
import os, sys
from shared import db
os.nice({nicer})
pool = db.Pool(sys.argv[1], name="test", size=1)
with pool.transaction() as conn:
    print(os.getpriority(os.PRIO_PROCESS, conn.info.backend_pid))
"""


def test_the_server_follows_the_place_of_its_client(database_url):
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    command = [sys.executable, "-c", _ASK.format(nicer=_NICER), database_url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert int(told) == min(19, ours + _NICER)


_HURRY = """
import os, sys
from shared import db, priority
os.nice({nicer})
pool = db.Pool(sys.argv[1], name="test", size=1)
def look():
    with pool.transaction() as conn:
        print(priority.place(), os.getpriority(os.PRIO_PROCESS, conn.info.backend_pid))
look()
with priority.hurrying(at_once=False):
    look()
look()
"""


def _may(what: str) -> bool:
    """Whether the system lets a process of ours do this."""
    done = subprocess.run([sys.executable, "-c", f"import os; {what}"], capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def _may_be_nicer() -> bool:
    return _may("os.setpriority(os.PRIO_PROCESS, 0, -1)")


def test_who_gives_way_does_not_while_somebody_in_danger_waits(database_url):
    ours = priority.place()
    command = [sys.executable, "-c", _HURRY.format(nicer=_NICER), database_url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    lower = str(min(19, ours + _NICER))
    meanwhile = "0" if os.geteuid() == 0 and _may_be_nicer() else lower
    assert told == [lower, lower, meanwhile, meanwhile, lower, lower]


_AT_ONCE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from shared import db, priority
pool = db.Pool(sys.argv[1], name="test", size=1)
def look():
    with pool.transaction() as conn:
        print(os.sched_getscheduler(0), os.sched_getscheduler(conn.info.backend_pid))
priority.give_way()
look()
for at_once in (False, True):
    with priority.hurrying(at_once=at_once):
        look()
    look()
priority.go_first()
look()
pool.close()
with ThreadPoolExecutor(1) as thread:
    print(thread.submit(os.sched_getscheduler, 0).result())
"""


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no such policies")
def test_a_crisis_takes_the_processor_from_others_where_that_is_allowed(database_url):
    is_let = _may("os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))") and len(os.sched_getaffinity(0)) > 1
    at_once = os.SCHED_RR | os.SCHED_RESET_ON_FORK if is_let else os.SCHED_OTHER
    command = [sys.executable, "-c", _AT_ONCE, database_url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    other = os.SCHED_OTHER
    hurrying = at_once if os.geteuid() == 0 and _may_be_nicer() else other
    policies = (other, other, other, hurrying, other, at_once)
    assert told == [*(f"{policy} {policy}" for policy in policies), f"{other}"]


_SOON = """
import os, sys
from shared import db, priority
priority.go_soon()
with db.Pool(sys.argv[1], name="test", size=1).transaction() as conn:
    print(os.sched_getscheduler(0), os.sched_getscheduler(conn.info.backend_pid))
    print(os.getpriority(os.PRIO_PROCESS, conn.info.backend_pid) - priority.place())
"""


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no such policies")
def test_what_the_door_asks_of_the_server_is_done_at_once_where_that_is_allowed(database_url):
    is_let = os.geteuid() == 0 and _may("os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))")
    at_once = os.SCHED_RR | os.SCHED_RESET_ON_FORK if is_let and len(os.sched_getaffinity(0)) > 1 else os.SCHED_OTHER
    command = [sys.executable, "-c", _SOON, database_url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    # Where it may not go at once, it has the door's share all the same.
    assert told.split() == [f"{os.SCHED_OTHER}", f"{at_once}", "0"]


def test_a_program_of_anothers_goes_first_and_its_children_as_everybody():
    words = priority.first_of_all()
    ask = "import os, subprocess, sys; print(os.sched_getscheduler(0), flush=True)"
    nested = f"{ask}; subprocess.run([sys.executable, '-c', {ask!r}])"
    told = subprocess.run(
        [*words, sys.executable, "-c", nested], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK if words else os.SCHED_OTHER
    assert told.split() == [str(policy), str(os.SCHED_OTHER)]


def test_where_it_cannot_be_no_word_is_added(monkeypatch):
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("PATH", "/nowhere")
        assert priority.first_of_all() == ()
    refusing = shutil.which("false")
    monkeypatch.setattr(shutil, "which", lambda _: refusing)
    assert priority.first_of_all() == ()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no such policies")
def test_a_single_processor_is_taken_from_nobody():
    ask = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); from shared import priority;"
    ask += "priority.go_first(); print(os.sched_getscheduler(0))"
    told = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=60, check=True).stdout
    assert int(told) == os.SCHED_OTHER


def test_the_door_goes_before_most_and_a_crisis_worker_before_the_door():
    ask = "from shared import priority; priority.{}(); print(priority.place())"
    places = [
        int(
            subprocess.run([sys.executable, "-c", ask.format(name)], capture_output=True, check=True, timeout=60).stdout
        )
        for name in ("go_first", "go_soon", "give_way")
    ]
    assert places == sorted(places)
    assert len(set(places)) == (3 if _may_be_nicer() else 2), "an ordinary user can only give way"


def test_root_that_has_no_say_carries_a_crisis_all_the_same(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    lowered: list[int] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(priority, "place", lambda: _NICER)
    monkeypatch.setattr(priority, "_take_place", lambda place: refuse() if place < _NICER else lowered.append(place))
    with priority.hurrying(at_once=False):
        pass
    assert lowered == [_NICER]


def test_a_process_of_the_same_number_that_is_not_our_server_keeps_its_place(conn, monkeypatch):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        before = os.getpriority(os.PRIO_PROCESS, other.pid)
        monkeypatch.setattr(type(conn.info), "backend_pid", property(lambda _: other.pid))
        priority.server_follows(conn, _NICER)
        monkeypatch.undo()
        assert os.getpriority(os.PRIO_PROCESS, other.pid) == before
    finally:
        other.communicate(b"\n")


def test_going_first_is_left_where_the_system_does_not_let_us(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    priority.go_first()
    priority.go_soon()


@pytest.mark.skipif(not hasattr(os, "sched_setscheduler"), reason="this system has no such policies")
def test_where_only_the_policy_is_refused_the_rest_holds(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    taken: list[tuple[int, int, int]] = []
    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", lambda *place: taken.append(place))
    priority._schedule(0, -10, at_once=True)
    assert taken == [(os.PRIO_PROCESS, 0, -10)]
