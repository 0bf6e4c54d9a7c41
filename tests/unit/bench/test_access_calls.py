"""The figure "access" counts an answer only when it is one: 200, and with what helps in danger."""

import json

import pytest

from bench import access
from bench.access_calls import Asking, NoHelp
from bench.access_faults import LIVE, STATES
from shared.rules.tiers import CRISIS_SET

ASKING = Asking(port=1, people=["p"], bearer="token")


class Connection:
    """Gives one answer to whatever is asked, and remembers that."""

    def __init__(self, status=200, **document):
        self.status, self.document, self.asked = (
            status,
            {"degraded": False, "features": list(CRISIS_SET)} | document,
            [],
        )

    def request(self, method, path, headers):
        self.asked.append((method, path, headers["Authorization"]))

    def getresponse(self):
        return self

    def read(self):
        return json.dumps(self.document).encode()


def test_an_answer_is_timed_and_told_whether_it_was_computed():
    connection = Connection(degraded=True)
    answered = ASKING.ask(connection, "p")
    assert connection.asked == [("GET", "/api/access/p", "Bearer token")]
    assert answered.is_degraded
    assert answered.seconds >= 0


@pytest.mark.parametrize("connection", [Connection(status=503), Connection(features=[]), Connection(features=["a"])])
def test_what_is_not_200_or_withholds_help_ends_the_run(connection):
    with pytest.raises(NoHelp):
        ASKING.ask(connection, "p")


def test_each_state_is_held_to_its_own_goal():
    told = {name: access._judged(name, {"p99_ms": 20.0}) for name in STATES}
    assert told[LIVE].endswith("p99 under 10 ms is NOT KEPT")
    assert {told[name].rpartition("; ")[2] for name in STATES if name != LIVE} == {"p99 under 100 ms is kept"}
