"""Case 58: the process that tells the outside dies while it does."""

import base64
import secrets
import time
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.rows import dict_row
from standardwebhooks import Webhook

from shared import callback_acts, callbacks, notices
from shared.callbacks import Wanted
from tests.acceptance.posting import fresh
from tests.fakes.receiver import OK, Receiver
from tests.running import until

KIND = "payout:stale"
RECIPIENTS, STEPS = 6, 20


def slowly(conn, _stop):
    time.sleep(0.05)
    conn.sendall(OK)


@pytest.fixture
def receiver():
    receiver = Receiver()
    receiver.behave(slowly)
    yield receiver
    receiver.close()


@contextmanager
def endpoint(scene, url):
    key = base64.b64decode(scene.carelane.settings()["CARELANE_CALLBACK_KEY"])
    with psycopg.connect(scene.database_url, autocommit=True, row_factory=dict_row) as conn:
        made = callbacks.add(conn, Wanted("killed", url, [KIND]), actor="test", key=key)
        yield made, conn
        callback_acts.disable(conn, "killed", actor="test", reason="the case is over")


def taken(receiver, secret):
    """What was taken, by recipient, each step where it came first."""
    found = {}
    for _, headers, body, _ in list(receiver.requests):
        data = Webhook(secret).verify(body, headers)["data"]
        steps = found.setdefault(data["creator"], [])
        if data["step"] not in steps:
            steps.append(data["step"])
    return found


@pytest.mark.case(
    "58",
    injected="`deliver` killed twice while 120 callbacks go out",
    expected="all taken, each recipient's in order",
)
def test_a_killed_deliverer_leaves_no_callback_and_no_order_behind(scene, receiver):
    with endpoint(scene, receiver.url) as (made, conn):
        for step in range(STEPS):
            for creator in range(RECIPIENTS):
                notices.owe(
                    conn,
                    cause=f"{made.endpoint_id}:{creator}:{step}",
                    kind=KIND,
                    recipient=f"creator:{creator}",
                    data={"creator": creator, "step": step},
                )
        for wanted in (RECIPIENTS * 2, RECIPIENTS * 8):
            until(lambda: len(receiver.requests) >= wanted)  # noqa: B023 - waited for here
            scene.kill("deliver")
        query = "SELECT count(*) AS n FROM callback_deliveries WHERE outcome = 'delivered' AND endpoint_id = %s"
        until(lambda: scene.query(query, made.endpoint_id)[0]["n"] == RECIPIENTS * STEPS)
    assert taken(receiver, made.secret) == {creator: list(range(STEPS)) for creator in range(RECIPIENTS)}
    scene.tell(f"{RECIPIENTS * STEPS} owed, all taken; {len(receiver.requests)} requests")


def test_what_stripe_tells_reaches_the_backend_signed(scene, receiver):
    made = scene.carelane.run("callbacks", "add", "--name", "backend", "--url", receiver.url, "--kind", "account:*")
    assert made.returncode == 0, made.stderr
    account = f"acct_{secrets.token_hex(8)}"
    event = fresh("basil/account.updated", account=account, **{"data.object.id": account})
    try:
        scene.client.send([event])
        until(lambda: receiver.requests)
    finally:
        scene.carelane.run("callbacks", "disable", "backend", "--reason", "the case is over")
    _, headers, body, _ = receiver.requests[0]
    told = Webhook(made.stdout.strip()).verify(body, headers)
    assert (told["type"], told["data"]["accountId"]) == ("account:status_updated", account)
