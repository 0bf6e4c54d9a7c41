"""The figure "access" counts an answer only when it is one: 200, and with what helps in danger."""

import json
import socket

import pytest

from bench import access, access_calls
from bench.access_calls import Answered, Asking, NoHelp
from bench.access_faults import LIVE, STATES
from bench.exchange import Exchanged
from shared.rules.tiers import CRISIS_SET

ASKING = Asking(port=1, people=["p"], bearer="token")


def answer(status="200 OK", **document):
    told = json.dumps({"degraded": False, "features": list(CRISIS_SET)} | document)
    return Exchanged(1.0, 0.004, f"HTTP/1.1 {status}\r\nContent-Length: {len(told)}\r\n\r\n{told}".encode())


def test_an_answer_is_timed_and_told_whether_it_was_computed():
    assert access_calls.judged(answer(degraded=True)) == Answered(1.0, 0.004, is_degraded=True)
    assert access_calls.judged(answer()) == Answered(1.0, 0.004, is_degraded=False)


@pytest.mark.parametrize("wrong", [answer("503 Service Unavailable"), answer(features=[]), answer(features=["a"])])
def test_what_is_not_200_or_withholds_help_ends_the_run(wrong):
    with pytest.raises(NoHelp):
        access_calls.judged(wrong)


def test_a_caller_shows_its_token():
    here, there = socket.socketpair()
    with here, there:
        there.sendall(answer().answer)
        assert ASKING.ask(here, "p").is_ok
        asked = there.recv(1000)
    assert asked.startswith(b"GET /api/access/p HTTP/1.1\r\n")
    assert b"\r\nAuthorization: Bearer token\r\n" in asked


def test_each_state_is_held_to_its_own_goal():
    told = {name: access._judged(name, {"p99_ms": 20.0}) for name in STATES}
    assert told[LIVE].endswith("p99 under 10 ms is NOT KEPT")
    assert {told[name].rpartition("; ")[2] for name in STATES if name != LIVE} == {"p99 under 100 ms is kept"}
