"""Payloads with marks in them, a handler that fails with one, and how the places are looked into."""

import contextlib
import http.client
import json
import threading
import urllib.error
import urllib.request

import redis

from tests.acceptance.posting import fresh
from tests.factories.events import PAYLOADS

MARK = "canary-7d1e"
# Where Stripe's objects speak of people, by key.
PERSONAL = {
    "name", "email", "phone", "description", "statement_descriptor", "receipt_email", "customer_email",
    "customer_name", "customer_phone", "line1", "line2", "city", "postal_code", "receipt_url",
    "hosted_invoice_url", "invoice_pdf", "failure_message", "client_secret", "last4", "fingerprint", "number",
    "message",
}  # fmt: skip
TYPES = sorted(path.stem for path in (PAYLOADS / "basil").glob("*.json"))
# Of another package, installed as pip would leave it: it fails with what it was given in its message.
HANDLER = f"""
class Fails:
    types = frozenset({{"mark.fails"}})

    def handle(self, conn, event):
        held = "{MARK}"
        raise ValueError(f"{{held}} in {{event!r}}")

fails = Fails()
"""
BUG = {"type": "mark.fails", "data": {"object": {"id": "mark_1", "object": "mark", "name": MARK}}}


def marked(node):
    """With a mark in every personal field, and in one more of every object, which no schema knows."""
    if isinstance(node, dict):
        told = {name: MARK if name in PERSONAL and _is_text(value) else marked(value) for name, value in node.items()}
        return told | {"carelane_mark": MARK, "email": f"{MARK}@example.org"}
    return [marked(item) for item in node] if isinstance(node, list) else node


def _is_text(value):
    return value is None or isinstance(value, str)


def marked_event(name, **changes):
    event = fresh(name, **changes)
    event["data"] = {part: marked(value) for part, value in event["data"].items()}
    return event


class Listener:
    """Every command that the broker gets, until it is told to stop."""

    def __init__(self, redis_url):
        self.client, self.commands = redis.Redis.from_url(redis_url, socket_timeout=60), []
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()
        assert self.started.wait(10)

    def _listen(self):
        with self.client.monitor() as monitor:
            self.started.set()
            for heard in monitor.listen():
                self.commands.append(heard["command"])
                if "end-of-listening" in heard["command"]:
                    return

    def stop(self):
        self.client.echo("end-of-listening")
        self.thread.join(20)
        self.client.close()


def ask(address, path, *, method="GET", body=None, headers=None):
    """The whole answer as text, whatever its status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return f"{error.headers}\n{error.read().decode()}"


def raw(address, request_line):
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    with contextlib.closing(connection):
        connection.putrequest("GET", request_line, skip_host=False)
        connection.putheader("User-Agent", MARK)
        connection.putheader("Cookie", f"session={MARK}")
        connection.endheaders()
        answer = connection.getresponse()
        return f"{answer.headers}\n{answer.read().decode()}"
