"""Who gives way has PostgreSQL's process of its connection give way too, and nobody else's."""

import os
import subprocess
import sys

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
with priority.hurrying():
    look()
look()
"""


def test_who_gives_way_does_not_while_somebody_in_danger_waits(database_url):
    ours = priority.place()
    command = [sys.executable, "-c", _HURRY.format(nicer=_NICER), database_url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.split()
    lower = str(min(19, ours + _NICER))
    meanwhile = "0" if os.geteuid() == 0 else lower
    assert told == [lower, lower, meanwhile, meanwhile, lower, lower]


def test_the_door_goes_before_most_and_a_crisis_worker_before_the_door():
    ask = "from shared import priority; priority.{}(); print(priority.place())"
    places = [
        int(
            subprocess.run([sys.executable, "-c", ask.format(name)], capture_output=True, check=True, timeout=60).stdout
        )
        for name in ("go_first", "go_soon", "give_way")
    ]
    assert places == sorted(places)
    assert len(set(places)) == (3 if os.geteuid() == 0 else 2), "an ordinary user can only give way"


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
