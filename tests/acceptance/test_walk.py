"""The walk with real processes: in at the front door, to a settled event, whatever stops on the way."""

import base64
import json
import os
import random
import signal
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
import redis

from shared.rules.lanes import LANES
from tests.acceptance.conftest import ROOT, SECRET, until
from tests.acceptance.posting import fresh, post, sign
from workers import tasks

REAL_EVENTS = ROOT.parent / "shared" / "stripe-events"
SUBSCRIPTION = "basil/customer.subscription.updated"
# What beat sends, and when, is a matter of how long Carelane has been running.
OURS = {name for name in vars(tasks).values() if isinstance(name, str) and name.startswith("carelane.")}


def event_row(conn, event):
    return conn.execute("SELECT * FROM events WHERE event_id = %s", [event["id"]]).fetchone()


def settled(conn, *events):
    ids = [event["id"] for event in events]
    query = "SELECT count(*) AS n FROM events WHERE event_id = ANY(%s) AND settled_at IS NOT NULL"
    return until(lambda: conn.execute(query, [ids]).fetchone()["n"] == len(ids))


def test_a_signed_event_changes_a_subscription_and_shows_its_story(carelane, conn):
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_walk"})
    assert post(carelane, event) == (200, {"received": True, "eventId": event["id"]})
    settled(conn, event)
    shown = carelane.json("events", "show", event["id"])
    assert (shown["state"], shown["lane"], len(shown["attempts"])) == ("processed", "standard", 1)
    subject = carelane.json("subject", "show", "sub_walk")
    assert subject["state"]["status"] == event["data"]["object"]["status"]
    assert len(subject["facts"]) == len(subject["transitions"]) == 1


def test_a_duplicate_is_answered_and_changes_nothing_twice(carelane, conn):
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_twice"})
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: post(carelane, event), range(16)))
    assert {status for status, _ in answers} == {200}
    assert sum("duplicate" not in document for _, document in answers) == 1
    settled(conn, event)
    assert len(carelane.json("subject", "show", "sub_twice")["facts"]) == 1


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "MISSING_SIGNATURE"),
        ({"Stripe-Signature": "t=1,v1=00"}, 401, "INVALID_SIGNATURE"),
        ({"Stripe-Signature": "old"}, 400, "REPLAY_ATTACK"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(carelane, conn, headers, status, code):
    event = fresh(SUBSCRIPTION)
    body = json.dumps(event).encode()
    if headers.get("Stripe-Signature") == "old":
        headers = {"Stripe-Signature": sign(body, at=1_600_000_000)}
    answered, document = post(carelane, body, headers=headers | {"Content-Type": "application/json"})
    assert (answered, document["error"]) == (status, code)
    assert event_row(conn, event) is None


def test_a_failed_payment_rides_the_crisis_lane(carelane, conn):
    event = fresh("acacia/invoice.payment_failed", **{"data.object.id": "in_lane"})
    post(carelane, event)
    settled(conn, event)
    assert event_row(conn, event)["lane"] == "crisis"


def test_a_broken_payload_is_a_dead_letter_that_can_be_requeued(carelane, conn):
    event = fresh(SUBSCRIPTION, **{"data.object.status": 7})
    post(carelane, event)
    settled(conn, event)
    shown = carelane.json("dead", "show", event["id"])
    assert (shown["reason"]["class"], shown["reason"]["path"]) == ("invalid", "data.object.status")
    refused = carelane.run("dead", "requeue", event["id"], "--yes")
    assert refused.returncode != 0
    assert "reason" in refused.stderr
    done = carelane.run("dead", "requeue", event["id"], "--yes", "--reason", "the schema was mended")
    assert done.returncode == 0, done.stderr
    until(lambda: event_row(conn, event)["series"] == 2 and event_row(conn, event)["state"] == "dead")
    assert [attempt["series"] for attempt in carelane.json("events", "show", event["id"])["attempts"]] == [1, 2]
    audited = conn.execute("SELECT actor, reason FROM audit WHERE act = 'dead_letter.requeue'").fetchone()
    assert audited["actor"].startswith("cli:")
    assert audited["reason"] == "the schema was mended"


def test_with_the_broker_down_events_are_kept_and_settle_when_it_is_back(carelane, servers, conn):
    servers.valkey.kill()
    events = [fresh(SUBSCRIPTION, **{"data.object.id": f"sub_down_{number}"}) for number in range(20)]
    assert {post(carelane, event)[0] for event in events} == {200}
    assert {event_row(conn, event)["state"] for event in events} == {"received"}
    servers.valkey.start()
    settled(conn, *events)
    after = fresh(SUBSCRIPTION)
    post(carelane, after)
    settled(conn, after)


def test_with_the_broker_frozen_events_are_still_answered(carelane, servers, conn):
    servers.valkey.process.send_signal(signal.SIGSTOP)
    try:
        events = [fresh(SUBSCRIPTION) for _ in range(5)]
        assert {post(carelane, event, timeout=10)[0] for event in events} == {200}
    finally:
        servers.valkey.process.send_signal(signal.SIGCONT)
    settled(conn, *events)


def test_a_wiped_broker_forgets_nothing(carelane, conn, broker_client):
    for name, pid in carelane.pids().items():
        if name in {"crisis", "standard", "steady"}:
            os.kill(pid, signal.SIGSTOP)
    try:
        events = [fresh(SUBSCRIPTION) for _ in range(10)]
        assert {post(carelane, event)[0] for event in events} == {200}
        broker_client.flushall()
    finally:
        for name, pid in carelane.pids().items():
            if name in {"crisis", "standard", "steady"}:
                os.kill(pid, signal.SIGCONT)
    conn.execute("UPDATE events SET nudged_at = nudged_at - interval '31 seconds' WHERE state = 'received'")
    settled(conn, *events)


@contextmanager
def held_back(database_url, event):
    """Whoever places this event's fact waits for a subject of the same identity that is never committed."""
    with psycopg.connect(database_url) as holder:
        holder.execute(
            "INSERT INTO subjects (kind, subject_id, livemode) VALUES ('subscription', %s, %s)",
            [event["data"]["object"]["id"], event["livemode"]],
        )
        yield
        holder.rollback()


def test_a_worker_killed_in_the_middle_costs_an_attempt_and_no_event(carelane, conn, servers):
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_killed"})
    with held_back(servers.database_url, event):
        post(carelane, event)
        worker = until(lambda: event_row(conn, event)["claimed_by"])
        os.kill(int(worker.rsplit(":", 1)[1]), signal.SIGKILL)
    settled(conn, event)
    shown = carelane.json("events", "show", event["id"])
    assert shown["state"] == "processed"
    assert [attempt["errorClass"] for attempt in shown["attempts"]] == ["worker-lost", None]
    assert len(carelane.json("subject", "show", "sub_killed")["facts"]) == 1


def test_with_postgresql_stopped_stripe_is_told_to_come_again(carelane, servers, conn):
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_stopped"})
    conn.close()
    servers.postgres.stop()
    try:
        status, document = post(carelane, event)
        assert (status, document["error"]) == (500, "PROCESSING_ERROR")
        assert document["retryAfter"] is not None
    finally:
        servers.postgres.start()
    until(lambda: post(carelane, event)[0] == 200)
    # Each of the door's processes finds out for itself that the database is back.
    until(lambda: all(post(carelane, fresh(SUBSCRIPTION))[0] == 200 for _ in range(30)))

    def state():
        done = carelane.run("events", "show", event["id"], "--json")
        return done.returncode == 0 and '"processed"' in done.stdout

    until(state)


def flower(carelane, path, *, password):
    address = f"http://127.0.0.1:{carelane.environ['CARELANE_FLOWER_PORT']}{path}"
    credentials = base64.b64encode(f"carelane:{password}".encode()).decode()
    request = urllib.request.Request(address, headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=20) as page:
        return page.read().decode()


def test_flower_knows_both_queues_and_asks_for_a_password(carelane, conn):
    event = fresh(SUBSCRIPTION)
    post(carelane, event)
    settled(conn, event)
    with pytest.raises(urllib.error.HTTPError) as refused:
        flower(carelane, "/broker", password="guessed")
    assert refused.value.code == 401
    refused.value.close()
    password = carelane.settings()["CARELANE_FLOWER_PASSWORD"]
    assert password in carelane.said()
    # Flower asks the workers what they serve when it starts, before some of them are up, and when it is told to.
    flower(carelane, "/workers?refresh=1", password=password)
    until(lambda: all(lane in flower(carelane, "/broker", password=password) for lane in LANES))
    found = until(lambda: json.loads(flower(carelane, "/api/tasks?limit=50", password=password)))
    assert {task["name"] for task in found.values()} <= OURS
    assert all(set(task["args"] or "") <= set("([0123456789, ],)") for task in found.values())


def test_a_task_whose_event_waits_ends_in_state_retry(carelane, conn, servers):
    event = fresh(SUBSCRIPTION, **{"data.object.id": "sub_waits"})
    with held_back(servers.database_url, event):
        post(carelane, event)
        until(lambda: event_row(conn, event)["state"] == "retrying")
    assert event_row(conn, event)["reason_class"] == "transient"
    password = carelane.settings()["CARELANE_FLOWER_PASSWORD"]
    until(lambda: json.loads(flower(carelane, "/api/tasks?state=RETRY", password=password)))
    settled(conn, event)
    assert event_row(conn, event)["state"] == "processed"


@contextmanager
def overheard(redis_url):
    """Every command the broker gets meanwhile; a command of our own ends the listening."""
    client, commands = redis.Redis.from_url(redis_url, socket_timeout=60), []

    def listen():
        with client.monitor() as monitor:
            started.set()
            for heard in monitor.listen():
                commands.append(heard["command"])
                if "end-of-listening" in heard["command"]:
                    return

    started, listener = threading.Event(), threading.Thread(target=listen)
    listener.start()
    started.wait(10)
    try:
        yield commands
    finally:
        client.echo("end-of-listening")
        listener.join(20)
        client.close()


def test_no_mark_from_a_payload_reaches_a_log_the_broker_or_a_metric(carelane, conn, servers):
    mark = "canary-5f2c"
    good = fresh(SUBSCRIPTION, **{"data.object.metadata": {"note": mark, "email": f"{mark}@example.org"}})
    bad = fresh(SUBSCRIPTION, **{"data.object.customer": {"email": mark}, "data.object.description": mark})
    with overheard(servers.redis_url) as commands:
        for event in (good, bad):
            assert post(carelane, event)[0] == 200
        post(carelane, f'{{"broken": "{mark}"'.encode(), headers={"Stripe-Signature": f"t=1,v1={mark}"})
        settled(conn, good, bad)
    assert any("LPUSH" in command for command in commands)
    told = [carelane.logs(), "\n".join(commands)]
    for port in ("CARELANE_WEBHOOK_PORT", "CARELANE_APP_PORT", "CARELANE_STREAM_PORT"):
        with urllib.request.urlopen(f"http://127.0.0.1:{carelane.environ[port]}/metrics", timeout=10) as page:
            told.append(page.read().decode())
    assert not [text for text in told if mark in text]
    assert SECRET not in carelane.logs()


@pytest.mark.skipif(not REAL_EVENTS.exists(), reason="no recorded Stripe events beside this checkout")
def test_recorded_events_from_stripe_all_come_to_an_end(carelane, conn):
    events = [
        document for path in sorted(REAL_EVENTS.rglob("events/*.json")) for document in [json.loads(path.read_text())]
    ]
    events = [{**event, "id": f"evt_recorded_{number}"} for number, event in enumerate(events)]
    random.Random(7).shuffle(events)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda event: post(carelane, event)[0], events)) == {200}
    settled(conn, *events)
    unexplained = conn.execute(
        """SELECT event_id FROM events
        WHERE event_id LIKE 'evt\\_recorded\\_%' AND state <> 'processed' AND reason_message IS NULL"""
    ).fetchall()
    assert unexplained == []
