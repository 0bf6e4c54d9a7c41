"""The decrypted body, for whoever has the key: each look is on record before anything is shown."""

import base64
import json

import pytest

from shared import crypto
from shared.inbox import Inbox
from tests.factories.arrivals import arrival, subscription_event


@pytest.fixture
def inbox(pool, private_key, settings):
    return Inbox(pool, public_key=crypto.public_key_of(private_key), lookup_key=settings.lookup_key)


@pytest.fixture
def look(carelane, private_key):
    def run(*arguments, key=private_key):
        settings = {"CARELANE_UNSEAL_PRIVATE_KEY": base64.b64encode(key).decode()} if key else {}
        return carelane(*arguments, "--payload", **settings)

    return run


def looks(conn):
    return conn.execute("SELECT actor, act, object, reason FROM audit").fetchall()


def test_the_body_is_shown_and_the_look_is_on_record(inbox, look, conn):
    event = subscription_event()
    kept = inbox.keep(arrival(event), nudged=True)
    ran = look("events", "show", event["id"], "--reason", "the customer asked", "--json")
    assert (ran.exit_code, ran.document["payload"]) == (0, event)
    [record] = looks(conn)
    assert record.pop("actor").startswith("cli:")
    assert record == {
        "act": "event.payload_viewed",
        "object": f"event:{event['id']}#{kept.row_id}",
        "reason": "the customer asked",
    }
    printed = look("events", "show", f"#{kept.row_id}", "--reason", "x").stdout
    assert json.dumps(event, indent=2) in printed
    assert len(looks(conn)) == 2


def test_what_is_not_json_is_shown_as_harmless_bytes(inbox, look):
    kept = inbox.keep(arrival(body=b"\x1b[2J\xff"), nudged=True)
    ran = look("events", "show", f"#{kept.row_id}", "--reason", "x")
    assert r"b'\x1b[2J\xff'" in ran.stdout
    assert "\x1b" not in ran.stdout


def test_a_dead_letter_shows_its_body_and_others_are_not_opened_by_that_name(inbox, look, conn):
    event = subscription_event()
    kept = inbox.keep(arrival(event), nudged=True)
    assert look("dead", "show", event["id"], "--reason", "x").exit_code == 1
    assert looks(conn) == []
    conn.execute("UPDATE events SET state = 'dead', settled_at = now(), reason_code = 'schema'")
    assert look("dead", "show", f"#{kept.row_id}", "--reason", "x", "--json").document["payload"] == event


def test_a_look_that_cannot_be_put_on_record_shows_nothing(inbox, look, conn):
    event = subscription_event()
    inbox.keep(arrival(event), nudged=True)
    conn.execute("ALTER TABLE audit ADD CONSTRAINT fails CHECK (act <> 'event.payload_viewed') NOT VALID")
    ran = look("events", "show", event["id"], "--reason", "x", "--json")
    assert ran.exit_code != 0
    assert event["data"]["object"]["id"] not in ran.stdout


def test_a_body_that_is_gone_or_does_not_open_is_told_with_its_code(inbox, look, conn):
    gone, moved = subscription_event(), subscription_event()
    kept = inbox.keep(arrival(gone), nudged=True)
    inbox.keep(arrival(moved), nudged=True)
    conn.execute("DELETE FROM event_bodies WHERE event_row = %s", [kept.row_id])
    conn.execute("UPDATE event_bodies SET sealed = sealed || 'x'")
    for event, code in ((gone, "body_gone"), (moved, "integrity")):
        ran = look("events", "show", event["id"], "--reason", "x")
        assert (ran.exit_code, ran.stdout) == (1, "")
        assert f"{code}: " in ran.stderr
    ran = look("events", "show", moved["id"], "--reason", "x", key=crypto.new_private_key())
    assert "integrity: the data key is for" in ran.stderr
    assert looks(conn) == []


def test_without_key_or_reason_nothing_is_opened(inbox, look, carelane, conn):
    event = subscription_event()
    inbox.keep(arrival(event), nudged=True)
    ran = look("events", "show", event["id"], "--reason", "x", key=None)
    assert ran.exit_code == 2
    assert "CARELANE_UNSEAL_PRIVATE_KEY is not set" in ran.stderr
    assert look("events", "show", event["id"]).exit_code == 2
    assert look("dead", "show", event["id"], "--reason", " ").exit_code == 2
    assert carelane("events", "show", event["id"], "--reason", "x").exit_code == 2
    assert looks(conn) == []
