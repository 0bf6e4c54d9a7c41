"""A guard at the command line: it stands in `status` as an alarm, is listed, and is lifted with a reason."""

import json

import pytest

from shared import crypto, data_keys
from shared.crypto import Reader
from shared.inbox import Inbox
from shared.rules.guard import FloodRule
from tests.factories.arrivals import arrival, subscription_event
from workers.failure import policies_of
from workers.process import Processor

TYPE = "customer.subscription.created"


@pytest.fixture
def flood(pool, private_key, settings, conn):
    inbox = Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=settings.lookup_key)
    processor = Processor(
        pool=pool,
        reader=Reader(private_key, data_keys.fetcher(pool)),
        policies=policies_of(settings),
        flood=FloodRule(deaths=3, percent=50, minutes=15),
        lease_seconds={"crisis": 8, "standard": 30},
        livemode=None,
        worker="test",
    )
    for _ in range(5):
        kept = inbox.keep(arrival(subscription_event(object={"status": 7}, type=TYPE)), nudged=True)
        processor.process(kept.row_id)


def test_it_stands_in_status_as_an_alarm(flood, carelane):
    assert "ALARM" in carelane("status").stdout
    (guard,) = json.loads(carelane("status", "--json").stdout)["guards"]
    assert (guard["type"], guard["deaths"], guard["parked"]) == (TYPE, 3, 3)


def test_without_one_there_is_no_alarm(conn, carelane):
    assert "ALARM" not in carelane("status").stdout
    assert "No guard stands." in carelane("guard", "list").stdout


def test_lifting_needs_a_reason_and_a_guard_that_stands(flood, carelane, conn):
    assert carelane("guard", "lift", TYPE).exit_code == 2
    assert carelane("guard", "lift", "invoice.paid", "--reason", "mended").exit_code == 1
    assert conn.execute("SELECT count(*) AS n FROM audit WHERE act = 'guard.lifted'").fetchone()["n"] == 0


def test_lifting_lets_what_waits_be_tried_again(flood, carelane, conn):
    lifted = carelane("guard", "lift", TYPE, "--reason", "the schema was mended")
    assert lifted.exit_code == 0
    assert "3 event(s)" in lifted.stdout
    waiting = conn.execute("SELECT count(*) AS n FROM events WHERE next_attempt_at <= now() AND state = 'retrying'")
    assert waiting.fetchone()["n"] == 3
    (audited,) = conn.execute("SELECT reason FROM audit WHERE act = 'guard.lifted'").fetchall()
    assert audited["reason"] == "the schema was mended"
