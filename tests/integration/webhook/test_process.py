"""The door as a process: stopped in the middle of a request, and started from its settings with nothing behind it."""

import base64
import json
import os
import socket
import threading
import time

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.factories.deliveries import SECRET
from tests.factories.events import event, raw
from tests.integration.webhook.conftest import DEADLINE_SECONDS

BODY = raw(event("basil/customer.subscription.updated", id="evt_1", account="acct_slow"))


def test_a_request_in_hand_is_answered_when_the_door_is_told_to_stop(own_door):
    door = own_door("tests.integration.webhook.stub_door")
    answers = []
    sender = threading.Thread(target=lambda: answers.append(door.post(BODY)))
    sender.start()
    deadline = time.monotonic() + DEADLINE_SECONDS
    while "verification_seconds_count 0.0" in door.get("/metrics")[1]:
        assert time.monotonic() < deadline, "the request did not come in"
    assert door.stop() == 0
    sender.join()
    assert answers == [(200, {"received": True, "eventId": "evt_1"})]
    assert "stub.closed" in door.log.read_text()


def settings_with_nothing_behind():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    return settings(f"postgresql://nobody@127.0.0.1:{port}/carelane", f"redis://127.0.0.1:{port}/0")


def settings(database_url, redis_url):
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "STRIPE_WEBHOOK_SECRETS": f"{SECRET.name}={SECRET.value}",
        "CARELANE_SEAL_PUBLIC_KEY": base64.b64encode(public).decode(),
        "CARELANE_LOOKUP_KEY": base64.b64encode(os.urandom(32)).decode(),
    }


def test_without_a_database_the_door_lives_is_not_ready_and_asks_for_the_event_again(own_door):
    door = own_door("ingress.webhook.door", **settings_with_nothing_behind())
    assert door.get("/healthz")[0] == 200
    assert door.get("/readyz")[0] == 503
    assert door.post(BODY) == (500, {"error": "PROCESSING_ERROR"})
    assert door.post(BODY, Stripe_Signature="t=1") == (401, {"error": "INVALID_SIGNATURE"})
    assert 'outcome="processing_error"} 1.0' in door.get("/metrics")[1]
    assert "Traceback" not in door.log.read_text()


def test_without_a_database_the_application_door_lives_and_tells_so(own_door):
    door = own_door("ingress.api.door", **settings_with_nothing_behind())
    assert door.get("/healthz")[0] == 200
    status, problem = door.get("/readyz")
    assert (status, json.loads(problem)["status"]) == (503, 503)
    assert "carelane_status_up 0.0" in door.get("/metrics")[1]


def test_with_both_behind_it_an_event_is_committed_and_its_row_is_told(
    own_door, database_url, valkey_url, conn, broker_client
):
    door = own_door("ingress.webhook.door", **settings(database_url, valkey_url))
    assert door.get("/readyz")[0] == 200
    assert door.post(BODY) == (200, {"received": True, "eventId": "evt_1"})
    assert door.post(BODY) == (200, {"received": True, "duplicate": True, "eventId": "evt_1"})
    [row] = conn.execute(
        "SELECT id, event_id, account, type, secret_name, lane, nudged_at IS NOT NULL AS nudged FROM events"
    )
    assert row == {
        "id": row["id"],
        "event_id": "evt_1",
        "account": "acct_slow",
        "type": "customer.subscription.updated",
        "secret_name": SECRET.name,
        "lane": "standard",
        "nudged": True,
    }
    assert [broker_client.llen(name) for name in broker_client.scan_iter()] == [1]


def test_with_a_database_the_application_door_tells_how_the_walk_stands(own_door, database_url, valkey_url):
    door = own_door("ingress.api.door", **settings(database_url, valkey_url))
    assert door.get("/readyz")[0] == 200
    assert 'carelane_events{state="received"} 0.0' in door.get("/metrics")[1]
