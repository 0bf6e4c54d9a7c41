"""The relay's sweep: nothing due is forgotten, nothing is nudged without need, and two sweeps do no harm."""

import dataclasses
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import redis

from shared import broker, processes
from shared.broker import Doorbell
from shared.rules import lanes
from shared.rules.lanes import Placement
from tests.factories.arrivals import arrival
from tests.factories.bells import waiting_by_lane
from workers import ledger, sweep

EACH_ALONE = {"crisis": 1, "standard": 1}
CRITICAL = Placement("crisis", lanes.ACCESS_CRITICAL, "access-critical")


@pytest.fixture
def sweeper(pool, settings, broker_client):
    doorbell = Doorbell(broker_client, most_waiting=settings.nudge_depth)
    return sweep.build(settings, pool, doorbell)


def states(conn):
    return [row["state"] for row in conn.execute("SELECT state FROM events ORDER BY id")]


def abandon(pool, conn, kept):
    with pool.transaction() as own:
        ledger.claim(own, [kept.row_id], worker="lost", lease_seconds=30)
    conn.execute("UPDATE events SET lease_until = now() - interval '1 second' WHERE id = %s", [kept.row_id])


def test_what_was_never_nudged_is_nudged_once(inbox, sweeper):
    inbox.keep(arrival(), nudged=False)
    inbox.keep(arrival(placement=CRITICAL), nudged=False)
    assert sweeper.nudge() == 2
    assert sweeper.nudge() == 0
    assert waiting_by_lane(sweeper.doorbell) == {"crisis": 1, "standard": 1}


def test_whatever_may_stand_in_a_lane_is_rung_for(inbox, sweeper, conn):
    allowed = [(lane, urgency) for lane, urgencies in lanes.URGENCIES.items() for urgency in urgencies]
    for lane, urgency in allowed:
        inbox.keep(arrival(placement=Placement(lane, urgency, "standard")), nudged=False)
    assert sweeper.nudge() == len(allowed)
    for lane, urgency in [("standard", 10), ("crisis", 5)]:
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute("UPDATE events SET lane = %s, urgency = %s", [lane, urgency])


def test_a_nudge_that_was_lost_is_repeated_after_its_time(inbox, sweeper, conn, broker_client):
    inbox.keep(arrival(), nudged=True)
    assert sweeper.nudge() == 0
    conn.execute("UPDATE events SET nudged_at = now() - interval '31 seconds'")
    broker_client.flushall()
    assert sweeper.nudge() == 1


def test_a_retry_is_nudged_when_it_is_due_and_not_before(inbox, sweeper, conn):
    inbox.keep(arrival(), nudged=False)
    conn.execute("UPDATE events SET state = 'retrying', next_attempt_at = now() + interval '1 hour'")
    assert sweeper.nudge() == 0
    conn.execute("UPDATE events SET next_attempt_at = now()")
    assert sweeper.nudge() == 1


def test_a_full_lane_gets_no_more_and_leaves_the_other_alone(inbox, pool, settings, broker_client):
    doorbell = Doorbell(broker_client, most_waiting=3)
    small = dataclasses.replace(sweep.build(settings, pool, doorbell), most_waiting=3, together=EACH_ALONE)
    for _ in range(5):
        inbox.keep(arrival(), nudged=False)
    inbox.keep(arrival(placement=CRITICAL), nudged=False)
    assert small.nudge() == 4
    assert waiting_by_lane(doorbell) == {"crisis": 1, "standard": 3}


def test_a_backlog_shares_messages_and_a_person_in_danger_shares_none(inbox, sweeper):
    for _ in range(60):
        inbox.keep(arrival(), nudged=False)
    for _ in range(12):
        inbox.keep(arrival(placement=CRITICAL), nudged=False)
    for _ in range(2):
        inbox.keep(arrival(placement=Placement("crisis", lanes.OPEN_CRISIS, "open-crisis")), nudged=False)
    assert sweeper.nudge() == 74
    assert waiting_by_lane(sweeper.doorbell) == {"crisis": 4, "standard": 2}


def test_what_lies_in_a_long_list_is_slow_and_not_lost(inbox, sweeper, conn, broker_client):
    sweeper = dataclasses.replace(sweeper, together=EACH_ALONE)
    for _ in range(60):
        inbox.keep(arrival(), nudged=False)
    assert sweeper.nudge() == 60
    conn.execute("UPDATE events SET nudged_at = now() - interval '31 seconds'")
    assert sweeper.nudge() == 0
    broker_client.ltrim(broker.list_name("standard", lanes.MESSAGE_PRIORITY[lanes.STANDARD]), 0, 9)
    assert sweeper.nudge() == 60


def test_an_open_crisis_goes_before_a_storm_of_failed_cards(inbox, sweeper, broker_client):
    for _ in range(5):
        inbox.keep(arrival(placement=CRITICAL), nudged=False)
    open_crisis = inbox.keep(arrival(placement=Placement("crisis", lanes.OPEN_CRISIS, "open-crisis")), nudged=False)
    sweeper.nudge()
    keys = [broker.list_name(lane, step) for step in broker.PRIORITY_STEPS for lane in lanes.LANES]
    _name, message = broker_client.brpop(keys, timeout=5)
    assert f"([{open_crisis.row_id}],)".encode() in message


def test_a_lane_full_of_failed_cards_still_takes_a_person_in_danger(inbox, pool, settings, broker_client):
    doorbell = Doorbell(broker_client, most_waiting=3)
    small = dataclasses.replace(sweep.build(settings, pool, doorbell), most_waiting=3, together=EACH_ALONE)
    for _ in range(5):
        inbox.keep(arrival(placement=CRITICAL), nudged=False)
    assert small.nudge() == 3
    inbox.keep(arrival(placement=Placement("crisis", lanes.OPEN_CRISIS, "open-crisis")), nudged=False)
    assert small.nudge() == 1
    assert broker_client.llen(broker.list_name("crisis", lanes.MESSAGE_PRIORITY[lanes.OPEN_CRISIS])) == 1


def test_a_dead_broker_leaves_everything_due(inbox, pool, settings, conn):
    client = broker.connect("redis://127.0.0.1:1/0", timeout_seconds=0.2)
    sweeper = sweep.build(settings, pool, Doorbell(client, most_waiting=9))
    inbox.keep(arrival(), nudged=False)
    with pytest.raises(redis.RedisError):
        sweeper.nudge()
    assert conn.execute("SELECT nudged_at FROM events").fetchone()["nudged_at"] is None
    client.close()


def test_a_lost_workers_event_is_tried_again(inbox, sweeper, pool, conn):
    kept = inbox.keep(arrival(), nudged=True)
    abandon(pool, conn, kept)
    assert sweeper.rescue() == 1
    assert states(conn) == ["retrying"]
    (attempt,) = conn.execute("SELECT * FROM attempts").fetchall()
    assert (attempt["outcome"], attempt["error_class"]) == ("retrying", "worker-lost")


def test_a_dead_owners_claim_is_given_back_before_its_lease_ends(inbox, sweeper, pool, conn):
    claiming = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    owner = f"crisis@{processes.place()}:{claiming.pid}"
    kept = inbox.keep(arrival(), nudged=True)
    with pool.transaction() as own:
        ledger.claim(own, [kept.row_id], worker=owner, lease_seconds=3600)
    assert sweeper.rescue() == 0
    claiming.kill()
    claiming.communicate(timeout=10)
    assert sweeper.rescue() == 1
    assert states(conn) == ["retrying"]


def test_an_owner_elsewhere_has_until_its_lease_ends(inbox, sweeper, pool, conn):
    nobody_here = f"crisis@{processes.place()}-elsewhere:{os.getpid()}"
    kept = inbox.keep(arrival(), nudged=True)
    with pool.transaction() as own:
        ledger.claim(own, [kept.row_id], worker=nobody_here, lease_seconds=3600)
    assert sweeper.rescue() == 0
    assert states(conn) == ["processing"]


def test_what_an_emptied_broker_forgot_is_rung_again_soon(inbox, sweeper, conn, broker_client):
    for _ in range(3):
        inbox.keep(arrival(), nudged=False)
    assert sweeper.nudge() == 3
    broker_client.flushall()
    assert sweeper.nudge() == 0
    conn.execute("UPDATE events SET nudged_at = now() - interval '3 seconds'")
    assert sweeper.nudge() == 3
    conn.execute("UPDATE events SET nudged_at = now() - interval '3 seconds'")
    assert sweeper.nudge() == 0


def test_a_live_claim_is_left_alone(inbox, sweeper, pool, conn):
    kept = inbox.keep(arrival(), nudged=True)
    with pool.transaction() as own:
        ledger.claim(own, [kept.row_id], worker="busy", lease_seconds=30)
    assert sweeper.rescue() == 0
    assert states(conn) == ["processing"]


def test_an_event_that_kills_its_workers_becomes_a_dead_letter(inbox, sweeper, pool, conn):
    kept = inbox.keep(arrival(), nudged=True)
    for _ in range(4):
        conn.execute("UPDATE events SET next_attempt_at = now()")
        abandon(pool, conn, kept)
        sweeper.rescue()
    row = conn.execute("SELECT * FROM events").fetchone()
    assert (row["state"], row["reason_class"], row["attempts"]) == ("dead", "worker-lost", 4)


def test_two_sweeps_at_once_nudge_and_rescue_each_event_once(inbox, sweeper, pool, conn):
    for _ in range(40):
        inbox.keep(arrival(), nudged=False)
    for _ in range(10):
        abandon(pool, conn, inbox.keep(arrival(), nudged=True))
    sweeper = dataclasses.replace(sweeper, together=EACH_ALONE)
    gate = threading.Barrier(4)

    def work(_):
        gate.wait(10)
        return sweeper.rescue(), sweeper.nudge()

    with ThreadPoolExecutor(4) as threads:
        results = list(threads.map(work, range(4)))
    assert sum(rescued for rescued, _ in results) == 10
    assert conn.execute("SELECT count(*) AS n FROM attempts WHERE ended_at IS NOT NULL").fetchone()["n"] == 10
    assert sum(nudged for _, nudged in results) == waiting_by_lane(sweeper.doorbell)["standard"] == 40
