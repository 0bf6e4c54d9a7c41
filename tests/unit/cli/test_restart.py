import json
import os

import pytest

from ingress.cli import running
from ingress.cli.faults import Unusable
from ingress.cli.restart import choose
from ingress.cli.running import Noted
from shared.processes import identity

NAMES = ("postgres", "webhook", "crisis.1", "crisis.2", "relay")
PROCESSES = [Noted(name, 1, True, 0, name == "postgres") for name in NAMES]


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ((), ["webhook", "crisis.1", "crisis.2", "relay"]),
        (("relay", "webhook"), ["webhook", "relay"]),
        (("crisis",), ["crisis.1", "crisis.2"]),
        (("crisis.2", "crisis.2"), ["crisis.2"]),
    ],
)
def test_processes_are_chosen_by_name_or_kind_in_the_order_of_the_procfile(wanted, chosen):
    assert choose(PROCESSES, wanted) == chosen


@pytest.mark.parametrize("wanted", ["postgres", "crisis.3", "cris"])
def test_what_does_not_run_here_or_is_a_service_is_refused(wanted):
    with pytest.raises(Unusable, match=wanted):
        choose(PROCESSES, ("relay", wanted))


@pytest.fixture
def note(tmp_path):
    (tmp_path / "run").mkdir()

    def note(text):
        (tmp_path / "run" / "processes.json").write_text(text if isinstance(text, str) else json.dumps(text))
        return running.read(tmp_path)

    return note


def entry(name, pid, who):
    return {"name": name, "pid": pid, "identity": who, "ready": True, "restarts": 2, "service": False}


def test_a_process_is_believed_only_while_it_is_the_one_that_was_noted(note):
    mine = os.getpid()
    found = note(
        {
            "supervisor": mine,
            "identity": identity(mine),
            "processes": [
                entry("one", mine, identity(mine)),
                entry("two", mine, "another"),
                entry("three", None, None),
            ],
            "restart": None,
        }
    )
    assert found.supervisor == mine
    assert [(process.pid, process.ready) for process in found.processes] == [(mine, True), (None, False), (None, False)]


def test_a_supervisor_that_is_gone_or_never_said_who_it_is_does_not_run(note):
    assert note({"supervisor": os.getpid(), "identity": "another", "processes": []}).supervisor is None
    assert note({"supervisor": os.getpid(), "processes": []}).supervisor is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"supervisor": 1, "processes": [{}]}', "null"])
def test_a_note_that_cannot_be_read_tells_nothing(note, text):
    assert note(text) is None


def test_without_a_note_there_is_nothing_to_tell(tmp_path):
    assert running.read(tmp_path) is None
