"""A person's year through real processes: trial, plan, a failed card, a crisis, and back; every answer is checked."""

import json
import secrets
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta

import pytest

from shared.rules.tiers import BASE, CRISIS_SET
from tests.acceptance.posting import fresh, post
from tests.running import until

PERSON, CUSTOMER = "person-of-the-story", f"cus_{secrets.token_hex(8)}"
SUBSCRIPTION, INVOICE = f"sub_{secrets.token_hex(8)}", f"in_{secrets.token_hex(8)}"
DAY = 86_400
# The grace period of the story ends so long after its card has failed; by then the crisis must be open.
LEFT_SECONDS = 15


class Backend:
    """The application's backend: a service with a token of its own."""

    def __init__(self, carelane):
        self.address = f"http://127.0.0.1:{carelane.environ['CARELANE_APP_PORT']}"
        scopes = ("people", "access", "crisis", "admin:read")
        options = [part for scope in scopes for part in ("--scope", scope)]
        made = carelane.run("token", "create", "--name", "backend", *options)
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": secrets.token_hex(8)}
        request = urllib.request.Request(self.address + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def access(self):
        status, document = self.call("GET", f"/api/access/{PERSON}")
        assert status == 200
        assert set(CRISIS_SET) <= set(BASE) <= set(document["features"])
        assert (document["userId"], document["hotline"]["phone"]) == (PERSON, "988")
        return document

    def access_once(self, condition):
        """The first answer that was computed and of which this is true."""

        def ask():
            found = self.access()
            return found if not found["degraded"] and condition(found) else None

        return until(ask)


@pytest.fixture(scope="module")
def backend(carelane):
    return Backend(carelane)


@pytest.fixture
def happens(carelane, conn):
    """Post one event as Stripe would, and wait until it is processed."""

    def one(name, created, **changes):
        event = fresh(f"basil/{name}", created=int(created), **{"data.object.customer": CUSTOMER} | changes)
        assert post(carelane, event)[0] == 200
        query = "SELECT state FROM events WHERE event_id = %s AND settled_at IS NOT NULL"
        assert until(lambda: conn.execute(query, [event["id"]]).fetchone())["state"] == "processed"
        return event["id"]

    return one


def subscription(status, **more):
    return {
        "data.object.id": SUBSCRIPTION,
        "data.object.status": status,
        "data.object.items.data.0.price.lookup_key": "premium",
    } | more


def invoice(status, **more):
    return {
        "data.object.id": INVOICE,
        "data.object.status": status,
        "data.object.billing_reason": "subscription_cycle",
        "data.object.parent.subscription_details.subscription": SUBSCRIPTION,
    } | more


def moment(text):
    return datetime.fromisoformat(text)


def test_no_payment_event_stands_between_a_person_and_care(backend, happens):
    becomes_a_subscriber(backend, happens)
    failed_at = int(time.time() - 7 * DAY + LEFT_SECONDS)
    started = a_card_fails(backend, happens, failed_at)
    crisis_id = a_crisis_opens(backend)
    the_card_fails_again_and_grace_is_held(backend, happens, failed_at, started)
    the_crisis_is_resolved(backend, crisis_id)
    a_payment_gives_it_all_back(backend, happens)


def becomes_a_subscriber(backend, happens):
    assert backend.access_once(lambda _: True)["accessLevel"] == "essential"
    assert backend.call("PUT", f"/api/people/{PERSON}", {"stripeCustomerId": CUSTOMER})[0] == 201
    happens("customer.subscription.created", time.time() - 40 * DAY, **subscription("trialing"))
    found = backend.access_once(lambda one: one["tier"] == "trial")
    assert (found["accessLevel"], found["subscriptionStatus"]) == ("full", "trialing")
    happens("customer.subscription.updated", time.time() - 30 * DAY, **subscription("active"))
    found = backend.access_once(lambda one: one["tier"] == "premium")
    assert (found["accessLevel"], found["sync"]) == ("full", {"frequency": "realtime", "dataLimit": "unlimited"})
    assert not found["gracePeriod"]["active"]


def a_card_fails(backend, happens, failed_at):
    happens("invoice.payment_failed", failed_at, **invoice("open"))
    happens("customer.subscription.updated", failed_at + 1, **subscription("past_due"))
    found = backend.access_once(lambda one: one["tier"] == "grace_period")
    grace = found["gracePeriod"]
    assert moment(grace["startedAt"]).timestamp() == failed_at
    assert moment(grace["endsAt"]) - moment(grace["startedAt"]) == timedelta(days=7)
    assert (found["accessLevel"], grace["active"]) == ("full", True)
    assert "mood_tracking" in found["features"]
    return grace["startedAt"]


def a_crisis_opens(backend):
    status, opened = backend.call("POST", "/api/crisis", {"userId": PERSON, "source": "button", "severity": "imminent"})
    assert status == 201
    found = backend.access_once(lambda one: one["crisis"]["active"])
    assert found["crisis"] == {"active": True, "severity": "imminent"}
    assert found["emergencyFeatures"]["crisisButtonHighlighted"]
    assert "advanced_crisis_features" in found["features"]
    return opened["crisisId"]


def the_card_fails_again_and_grace_is_held(backend, happens, failed_at, started):
    second = invoice("open", **{"data.object.attempt_count": 2})
    again = happens("invoice.payment_failed", failed_at + 3 * DAY, **second)
    told = backend.call("GET", f"/api/admin/events/{again}")[1]
    assert (told["lane"], told["laneReason"]) == ("crisis", "open-crisis")
    ends_at = failed_at + 7 * DAY
    until(lambda: time.time() > ends_at)
    found = backend.access_once(lambda one: moment(one["asOf"]).timestamp() > ends_at)
    assert (found["accessLevel"], found["tier"]) == ("full", "grace_period")
    grace = found["gracePeriod"]
    assert (grace["active"], grace["startedAt"], grace["endsAt"]) == (True, started, None)


def the_crisis_is_resolved(backend, crisis_id):
    status, resolved = backend.call("POST", f"/api/crisis/{crisis_id}/resolve", {"note": "They are safe."})
    assert (status, resolved["userId"]) == (200, PERSON)
    found = backend.access_once(lambda one: not one["crisis"]["active"])
    assert found["gracePeriod"]["active"]
    assert moment(found["gracePeriod"]["endsAt"]) - moment(resolved["resolvedAt"]) == timedelta(hours=72)
    assert not found["emergencyFeatures"]["crisisButtonHighlighted"]


def a_payment_gives_it_all_back(backend, happens):
    happens("invoice.paid", time.time(), **invoice("paid", **{"data.object.amount_paid": 2900}))
    happens("customer.subscription.updated", time.time(), **subscription("active"))
    found = backend.access_once(lambda one: one["tier"] == "premium")
    assert (found["accessLevel"], found["subscriptionStatus"]) == ("full", "active")
    assert not found["gracePeriod"]["active"]
    status, payments = backend.call("GET", f"/api/payment-status/{PERSON}")
    assert (status, payments["lastPayment"]["status"]) == (200, "succeeded")


def test_the_door_tells_what_it_is(backend):
    status, told = backend.call("GET", "/api/openapi.json")
    assert (status, told["openapi"]) == (200, "3.0.3")
    with urllib.request.urlopen(f"{backend.address}/api/docs", timeout=20) as answer:
        assert "application door" in answer.read().decode()


def test_a_token_that_was_revoked_opens_nothing_more(backend, carelane):
    made = carelane.run("token", "create", "--name", "short-lived", "--scope", "admin:read")
    request = urllib.request.Request(
        f"{backend.address}/api/admin/status", headers={"Authorization": f"Bearer {made.stdout.strip()}"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert json.load(answer)["events"]["received"] >= 0
    assert carelane.run("token", "revoke", "short-lived").returncode == 0

    def is_refused():
        try:
            with urllib.request.urlopen(request, timeout=20):
                return False
        except urllib.error.HTTPError as error:
            with error:
                return json.load(error)["code"] == "REVOKED_TOKEN"

    until(is_refused)
