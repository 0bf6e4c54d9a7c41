"""Callbacks are signed as the library verifies, and no receiver, however bad, does more than fail its own."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from shared import callbacks
from tests.fakes import receiver as bad
from tests.fakes.receiver import OK, status
from tests.integration.callbacks.conftest import KEY


def test_a_callback_is_verified_by_the_library_and_says_ids_and_states_alone(receiver, endpoint, tell, sending):
    made = endpoint(receiver.url)
    tell(userId="p", accessLevel="full")
    assert sending().send_next(made.endpoint_id)
    ((line, headers, body, _),) = receiver.requests
    assert line == "POST /hooks?a=1 HTTP/1.1"
    assert (headers["host"], headers["content-type"]) == (f"127.0.0.1:{receiver.port}", "application/json")
    told = Webhook(made.secret).verify(body, headers)
    assert (told["type"], told["data"]) == ("access:updated", {"userId": "p", "accessLevel": "full"})
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(made.secret).verify(body.replace(b"full", b"none"), headers)
    assert not sending().send_next(made.endpoint_id)


def test_each_try_bears_the_same_id_and_a_signature_of_its_own_moment(receiver, endpoint, tell, sending, conn):
    receiver.behave(status(500), OK)
    made = endpoint(receiver.url)
    tell()
    assert sending(clock=lambda: datetime.now(UTC) - timedelta(seconds=60)).send_next(made.endpoint_id)
    conn.execute("UPDATE callback_deliveries SET next_attempt_at = now()")
    assert sending().send_next(made.endpoint_id)
    first, second = (headers for _, headers, _, _ in receiver.requests)
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) >= 59
    for _, headers, body, _ in receiver.requests:
        Webhook(made.secret).verify(body, headers)


def test_while_a_secret_is_rolled_both_sign_and_afterwards_the_new_one_alone(
    receiver, endpoint, tell, sending, pool, conn
):
    old = endpoint(receiver.url)
    with pool.transaction() as own:
        new = callbacks.roll(own, "backend", actor="test", key=KEY)
    tell()
    sending().send_next(old.endpoint_id)
    conn.execute("UPDATE callback_secrets SET ends_at = now() WHERE ends_at IS NOT NULL")
    tell()
    sending().send_next(old.endpoint_id)
    (_, both, body, _), (_, one, later, _) = receiver.requests
    for secret in (old.secret, new.secret):
        Webhook(secret).verify(body, both)
    Webhook(new.secret).verify(later, one)
    with pytest.raises(WebhookVerificationError):
        Webhook(old.secret).verify(later, one)


def test_a_bad_receiver_fails_its_own_callback_for_a_reason(receiver, endpoint, tell, sending, deliveries, conn):
    receiver.behave(bad.hangs)
    made = endpoint(receiver.url)
    tell()
    assert sending(seconds=0.5).send_next(made.endpoint_id)
    assert deliveries() == [(None, "timeout", 1)]
    row = conn.execute("SELECT failures, disabled_at FROM callback_endpoints").fetchone()
    assert (row["failures"], row["disabled_at"]) == (1, None)


def test_ten_megabytes_of_answer_are_not_read(receiver, endpoint, tell, sending, deliveries):
    receiver.behave(bad.pours)
    made = endpoint(receiver.url)
    tell()
    sending().send_next(made.endpoint_id)
    assert deliveries() == [("delivered", None, 1)]


def test_a_wish_to_come_later_is_followed(receiver, endpoint, tell, sending, conn):
    receiver.behave(status(503, "Retry-After: 120"))
    made = endpoint(receiver.url)
    tell()
    sending().send_next(made.endpoint_id)
    row = conn.execute("SELECT next_attempt_at - now() > '100 seconds' AS waits FROM callback_deliveries").fetchone()
    assert row["waits"]


def test_a_secret_that_was_moved_to_another_endpoint_signs_nothing(receiver, endpoint, tell, sending, conn, deliveries):
    one, other = endpoint(receiver.url), endpoint(receiver.url, name="other", kinds=["none"])
    conn.execute("UPDATE callback_secrets SET endpoint_id = %s", [one.endpoint_id])
    assert other.endpoint_id != one.endpoint_id
    tell()
    sending().send_next(one.endpoint_id)
    assert (receiver.requests, deliveries()) == ([], [(None, "secret_unreadable", 1)])


def test_what_is_sent_is_compact_json_that_names_its_kind_first(receiver, endpoint, tell, sending):
    made = endpoint(receiver.url)
    tell(kind="payout:status_updated", recipient="creator:c", payoutId="po")
    sending().send_next(made.endpoint_id)
    body = receiver.requests[0][2]
    assert body.startswith(b'{"type":"payout:status_updated","timestamp":"')
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
