"""The client against a server that misbehaves: what is asked again, what opens the breaker, what is told of it."""

import socket
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingress.cli.simulator import server, shapes
from ingress.cli.simulator.world import World
from shared.errors import StripeAway, StripeRefuses
from shared.stripe_api.client import Limits
from tests.integration.stripe.conftest import api_of

SUB = "/v1/subscriptions/sub_1"
QUICK = Limits(0.5, 0.3, 2)


@pytest.fixture(autouse=True)
def known(world):
    world.put(shapes.subscription("sub_1", created=1_790_000_000, customer="cus_1", status="active"))


# What Stripe does, one word a request; how the call ends; how many requests it made; how the breaker stands then.
TABLE = [
    ([None], "answer", 1, "closed"),
    (["error"], "answer", 2, "closed"),
    (["garbage"], "answer", 2, "closed"),
    (["half"], "answer", 2, "closed"),
    (["silent"], "answer", 2, "closed"),
    (["error", "error"], "stripe_5xx", 2, "closed"),
    (["busy", "busy"], "stripe_busy", 2, "closed"),
    (["busy", "error"], "stripe_5xx", 2, "closed"),
]


@pytest.mark.parametrize(("faults_made", "ends", "asked", "breaker"), TABLE)
def test_what_passes_in_a_moment_is_asked_again(stand_in, faults, faults_made, ends, asked, breaker):
    faults.retry_after = "0.01"
    api = api_of(stand_in.url, failures=4, limits=QUICK)
    faults.then(faults_made)
    try:
        assert api.get(SUB).document["status"] == "active"
        told = "answer"
    except StripeAway as error:
        told = error.code
    assert (told, faults.asked, api.breaker.state) == (ends, asked, breaker)


@pytest.mark.parametrize("fault", ["busy", "error", "garbage", "half", "broken", "silent"])
def test_an_outage_opens_the_breaker_and_a_look_after_its_rest_closes_it(stand_in, faults, fault):
    faults.shares = {fault: 1.0}
    faults.retry_after = None
    api = api_of(stand_in.url, failures=4, rest_seconds=0.5, limits=QUICK)
    for _ in range(10):
        with pytest.raises(StripeAway):
            api.get(SUB)
    assert (faults.asked, api.breaker.state) == (4, "open")
    faults.forget()
    time.sleep(api.breaker.rests_seconds())
    assert api.get(SUB).document["id"] == "sub_1"
    assert api.breaker.state == "closed"


class _Saying(BaseHTTPRequestHandler):
    """Answers the same to all; `cut` breaks the connection in the middle of it."""

    def do_GET(self):
        status, body, cut = self.server.says
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) + cut))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.mark.parametrize(
    "says",
    [
        *((status, body, 0) for status in (200, 404, 500) for body in (b"[]", b"null", b'"x"', b"", b"\xff\xfe")),
        *(
            (status, b'{"error": %s}' % error, 0)
            for status in (400, 404, 429, 500)
            for error in (b"null", b'"x"', b"[]")
        ),
        (200, b'{"id":', 100),
    ],
)
def test_nonsense_of_any_kind_is_stripe_away_and_no_fault_of_ours(says):
    with ThreadingHTTPServer(("127.0.0.1", 0), _Saying) as server_:
        server_.says = says
        threading.Thread(target=server_.serve_forever, args=[0.02], daemon=True).start()
        api = api_of(f"http://127.0.0.1:{server_.server_port}", limits=Limits(1, 1, 1))
        with pytest.raises(StripeAway):
            api.get(SUB)
        server_.shutdown()


def test_a_long_wish_of_stripes_is_told_and_not_waited_for(stand_in, faults):
    faults.retry_after = "120"
    faults.then(["busy"])
    api = api_of(stand_in.url)
    with pytest.raises(StripeAway) as caught:
        api.get(SUB)
    assert (caught.value.code, caught.value.retry_after_seconds, faults.asked) == ("stripe_busy", 120.0, 1)


def test_a_long_wish_of_stripes_holds_back_all_who_share_it(stand_in, faults, broker_client):
    faults.retry_after = "120"
    faults.then(["busy"])
    mine, other = (api_of(stand_in.url, redis_client=broker_client) for _ in range(2))
    for api in (mine, mine, other):
        with pytest.raises(StripeAway) as caught:
            api.get(SUB)
    assert (caught.value.code, faults.asked) == ("stripe_held", 1)
    assert 100 < caught.value.retry_after_seconds <= 120


def test_nobody_at_the_address_is_stripe_away():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        api = api_of(f"http://127.0.0.1:{taken.getsockname()[1]}", limits=QUICK)
        with pytest.raises(StripeAway, match="does not answer"):
            api.get(SUB)


def test_what_stripe_does_not_know_is_not_asked_again(stand_in, faults):
    with pytest.raises(StripeRefuses) as caught:
        api_of(stand_in.url).get("/v1/subscriptions/sub_none")
    assert (caught.value.code, faults.asked) == ("stripe_gone", 1)


def test_each_account_is_asked_under_its_own_name(world, api):
    world.put(shapes.payout("po_1", created=1, amount=1, status="paid"), account="acct_1")
    assert api.get("/v1/payouts/po_1", account="acct_1").document["status"] == "paid"
    with pytest.raises(StripeRefuses):
        api.get("/v1/payouts/po_1", account="acct_2")
    with pytest.raises(StripeRefuses):
        api.get("/v1/payouts/po_1")


@pytest.mark.parametrize("offset", [-600, 0, 600])
def test_an_answer_is_of_the_time_that_stripes_own_clock_tells(offset):
    ahead = World(clock=lambda: time.time() + offset)
    ahead.put(shapes.subscription("sub_1", created=1, customer="cus_1", status="active"))
    with server.running(ahead) as running:
        before = ahead.clock()
        asked_at = api_of(running.url).get(SUB).asked_at
    assert before - 2 <= asked_at.timestamp() <= ahead.clock()
    assert asked_at.tzinfo is UTC
    assert asked_at.microsecond == 0


def test_two_processes_share_what_they_learn(stand_in, faults, broker_client):
    mine, other = (
        api_of(stand_in.url, failures=3, rest_seconds=60, redis_client=broker_client, limits=QUICK) for _ in range(2)
    )
    faults.shares = {"error": 1.0}
    for _ in range(3):
        with pytest.raises(StripeAway):
            mine.get(SUB)
    asked = faults.asked
    with pytest.raises(StripeAway, match="several times"):
        other.get(SUB)
    assert faults.asked == asked


def test_the_old_shape_is_shown_to_whoever_asks_in_the_old_version(world):
    older = shapes.shown_in("2020-08-27", world.things[None, "subscription", "sub_1"])
    assert older["current_period_end"] == 1_790_000_000 + 30 * 86_400
    assert "current_period_end" not in older["items"]["data"][0]
    invoice = shapes.invoice("in_1", created=1, customer="cus_1", subscription="sub_1", status="paid")
    assert shapes.shown_in("2020-08-27", invoice)["subscription"] == "sub_1"
    assert datetime.fromtimestamp(older["created"], UTC).year == 2026
