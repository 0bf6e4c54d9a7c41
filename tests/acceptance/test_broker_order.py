"""The order in which a real worker serves what waits at the broker, and what it will not take from there."""

import base64
import json
import os
import pickle
import signal
import uuid
from contextlib import contextmanager

import pytest

from shared import broker
from shared.inbox import customer_hash
from shared.rules.lanes import MESSAGE_PRIORITY, STANDARD
from tests.acceptance.conftest import until
from tests.acceptance.posting import fresh, post

SUBSCRIPTION = "basil/customer.subscription.updated"
FAILED = "acacia/invoice.payment_failed"
WORKERS = ("crisis", "standard", "steady")


class Frozen:
    def __init__(self, carelane):
        pids = carelane.pids()
        self.pids = {name: pids[name] for name in WORKERS}

    def thaw(self, *names):
        for name in names:
            os.kill(self.pids[name], signal.SIGCONT)


@contextmanager
def frozen(carelane, broker_client):
    """All workers stopped, and no pop of theirs left waiting at the broker, where it would take what comes first."""
    workers = Frozen(carelane)
    for pid in workers.pids.values():
        os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: broker_client.info("clients")["blocked_clients"] == 0)
        yield workers
    finally:
        workers.thaw(*WORKERS)


@pytest.fixture
def customer_in_crisis(carelane, conn):
    customer = f"cus_{uuid.uuid4().hex}"
    key = base64.b64decode(carelane.settings()["CARELANE_LOOKUP_KEY"])
    conn.execute("INSERT INTO people (user_id) VALUES (%s)", [customer])
    conn.execute("INSERT INTO customers VALUES (%s, %s)", [customer_hash(key, customer), customer])
    conn.execute(
        """INSERT INTO crises (user_id, source, severity, opened_by) VALUES (%s, 'button', 'severe', 'test')""",
        [customer],
    )
    return customer


def served(conn, events):
    """What was served, in the order of the first attempts, once all is settled."""
    ids = [event["id"] for event in events]
    query = "SELECT count(*) AS n FROM events WHERE event_id = ANY(%s) AND settled_at IS NOT NULL"
    until(lambda: conn.execute(query, [ids]).fetchone()["n"] == len(ids))
    return conn.execute(
        """SELECT event_id, lane, lane_reason, worker FROM events JOIN attempts ON event_row = events.id
        WHERE event_id = ANY(%s) ORDER BY started_at""",
        [ids],
    ).fetchall()


def test_an_open_crisis_overtakes_every_crisis_and_every_crisis_the_rest(
    carelane, conn, broker_client, customer_in_crisis
):
    events = [fresh(SUBSCRIPTION, **{"data.object.id": f"sub_queue_{number}"}) for number in range(5)]
    events += [fresh(FAILED, **{"data.object.id": f"in_queue_{number}"}) for number in range(3)]
    events.append(fresh(SUBSCRIPTION, **{"data.object.customer": customer_in_crisis}))
    with frozen(carelane, broker_client) as workers:
        for event in events:
            assert post(carelane, event)[0] == 200
        workers.thaw("standard")
        order = served(conn, events)
    assert [row["lane_reason"] for row in order] == ["open-crisis"] + ["access-critical"] * 3 + ["standard"] * 5
    assert [row["lane"] for row in order] == ["crisis"] * 4 + ["standard"] * 5
    assert {row["worker"].partition("@")[0] for row in order} == {"standard"}
    assert order[0]["event_id"] == events[-1]["id"]


def test_while_crises_keep_coming_the_steady_worker_serves_the_rest(carelane, conn, broker_client):
    events = [fresh(FAILED, **{"data.object.id": f"in_flood_{number}"}) for number in range(5)]
    standard = fresh(SUBSCRIPTION, **{"data.object.id": "sub_in_flood"})
    with frozen(carelane, broker_client) as workers:
        for event in [*events, standard]:
            assert post(carelane, event)[0] == 200
        workers.thaw("steady")
        (row,) = served(conn, [standard])
        query = "SELECT state FROM events WHERE event_id = ANY(%s)"
        states = conn.execute(query, [[event["id"] for event in events]]).fetchall()
        assert {state["state"] for state in states} == {"received"}
    assert row["worker"].startswith("steady@")
    served(conn, events)


class Touching:
    """Unpickled, it would make a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def pickled(argument):
    """A message as ours, but for its body, which is a pickle."""
    name, message = broker.message(broker.Nudge((1,), "standard", STANDARD))
    document = json.loads(message)
    document["content-type"], document["content-encoding"] = "application/x-python-serialize", "binary"
    document["body"] = base64.b64encode(pickle.dumps(([argument], {}, {}))).decode()
    return name, json.dumps(document)


def test_a_pickle_is_refused_and_its_worker_serves_on(carelane, conn, broker_client, tmp_path):
    trap = tmp_path / "unpickled"
    assert MESSAGE_PRIORITY[STANDARD] in broker.PRIORITY_STEPS
    with frozen(carelane, broker_client) as workers:
        name, message = pickled(Touching(trap))
        broker_client.lpush(name, message)
        event = fresh(SUBSCRIPTION)
        assert post(carelane, event)[0] == 200
        workers.thaw("standard")
        (row,) = served(conn, [event])
        assert broker_client.llen(name) == 0
        until(lambda: broker_client.hlen("unacked") == 0)
    assert row["worker"].startswith("standard@")
    assert carelane.pids()["standard"] == workers.pids["standard"]
    assert not trap.exists()
