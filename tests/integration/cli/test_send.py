"""`send` and `demo` against a door that we can make answer as we like."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe

SECRET = "whsec_0123456789abcdef"
RECEIVED = (200, {"received": True})


class Door(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = RECEIVED
        self.connections = 0
        self.hang_up = False
        self.posts = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/api/webhooks/stripe"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, self.headers.get("Stripe-Signature"), body))
        status, document = self.server.answer
        said = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        self.close_connection = self.server.hang_up

    def log_message(self, *_):
        pass


@pytest.fixture
def door():
    with Door() as door:
        thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield door
        door.shutdown()
        thread.join(10)


@pytest.fixture
def events(tmp_path):
    path = tmp_path / "events.json"
    path.write_text(json.dumps([{"id": f"evt_{number}", "type": "x"} for number in range(3)]))
    return str(path)


@pytest.fixture
def send(carelane, door, events):
    def run(*arguments):
        return carelane("send", events, *arguments, "--json", STRIPE_WEBHOOK_SECRETS=SECRET, **door_settings(door))

    return run


def door_settings(door):
    return {"CARELANE_WEBHOOK_PORT": str(door.server_port)}


def test_the_door_is_found_by_the_settings_and_each_event_is_signed(send, door):
    ran = send()
    assert ran.exit_code == 0
    assert ran.document == {
        "url": door.url,
        "sent": 3,
        "notSent": 0,
        "answers": [{"status": 200, "answer": "received", "count": 3}],
    }
    for path, signature, body in door.posts:
        assert path == "/api/webhooks/stripe"
        assert stripe.WebhookSignature.verify_header(body.decode(), signature, SECRET, tolerance=300)


def test_one_connection_serves_them_all(send, door):
    send("--count", "30")
    assert (len(door.posts), door.connections) == (30, 1)


def test_a_door_that_hangs_up_after_each_answer_gets_them_all(send, door):
    door.hang_up = True
    assert send("--count", "10").document["sent"] == 10
    assert len(door.posts) == 10


def test_a_refusal_has_its_own_exit_code(send, door):
    door.answer = (401, {"error": "INVALID_SIGNATURE"})
    ran = send("--bad-signature")
    assert ran.exit_code == 5
    assert ran.document["answers"] == [{"status": 401, "answer": "INVALID_SIGNATURE", "count": 3}]


def test_an_answer_that_is_no_json_is_counted_by_its_status(send, door):
    door.answer = (502, "Bad Gateway")
    assert send().document["answers"] == [{"status": 502, "answer": "", "count": 3}]


def test_no_signature_is_no_header(send, door):
    send("--no-signature")
    assert [signature for _, signature, _ in door.posts] == [None] * 3


def test_another_address_and_secret_may_be_given(carelane, door, events):
    ran = carelane("send", events, "--url", door.url + "?x=1", "--secret", "whsec_other")
    assert ran.exit_code == 0
    path, signature, body = door.posts[0]
    assert path.endswith("?x=1")
    assert stripe.WebhookSignature.verify_header(body.decode(), signature, "whsec_other", tolerance=300)


def test_a_closed_door_is_given_up_and_told(carelane, door, events):
    door.shutdown()
    door.server_close()
    ran = carelane("send", events, "--count", "50", "--url", door.url, "--secret", SECRET)
    assert ran.exit_code == 4
    assert "47 were not sent" in ran.stderr


def test_without_a_secret_nothing_is_sent(carelane, door, events):
    ran = carelane("send", events, "--url", door.url)
    assert ran.exit_code == 2
    assert "STRIPE_WEBHOOK_SECRETS" in ran.stderr
    assert door.posts == []


def test_a_demonstration_at_a_door_that_refuses_all_fails(carelane, door):
    door.answer = (500, {"error": "PROCESSING_ERROR"})
    ran = carelane("demo", "--json", STRIPE_WEBHOOK_SECRETS=SECRET, **door_settings(door))
    assert ran.exit_code == 1
    assert ran.document["passed"] is False
    assert "the answer should be 200 received" in ran.document["steps"][0]["surprises"]


def test_a_demonstration_without_a_door_says_what_is_missing(carelane, door):
    door.shutdown()
    door.server_close()
    ran = carelane("demo", STRIPE_WEBHOOK_SECRETS=SECRET, **door_settings(door))
    assert ran.exit_code == 4
    assert "is `carelane up` running?" in ran.stderr
