"""The stand-in as a server on loopback, for the real Stripe library: STRIPE_API_BASE names its address."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ingress.cli.simulator import api, shapes
from ingress.cli.simulator.api import Answer, Asked
from ingress.cli.simulator.faults import Fault, Faults
from ingress.cli.simulator.world import World

_BUSY = Answer(429, {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests"}})
_REFUSED = Answer(403, {"error": {"type": "invalid_request_error", "message": "This key has no access to it."}})
_ERROR = Answer(500, {"error": {"type": "api_error", "message": "Something went wrong on our end"}})


class StandIn(ThreadingHTTPServer):
    """Knows any API key."""

    daemon_threads = True

    def __init__(self, world: World, faults: Faults | None = None, *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.world = world
        self.faults = faults or Faults()
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def running(world: World, faults: Faults | None = None, *, port: int = 0) -> Iterator[StandIn]:
    """Serve from a thread of its own; port 0 is any that is free."""
    server = StandIn(world, faults, port=port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: StandIn

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    do_DELETE = do_GET  # noqa: N815 - the name that http.server calls

    def _serve(self, form: bytes) -> None:
        fault = self.server.faults.draw()
        if fault == "silent":
            self.server.stopped.wait(self.server.faults.silent_seconds)
            self.close_connection = True
            return
        if fault == "slow":
            time.sleep(self.server.faults.slow_seconds)
        self._send(self._answer(form, fault), fault)

    def _answer(self, form: bytes, fault: Fault | None) -> Answer:
        if fault == "busy":
            wish = self.server.faults.retry_after
            return Answer(_BUSY.status, _BUSY.document, {"Retry-After": wish} if wish else {})
        if fault in {"error", "refused"}:
            return _ERROR if fault == "error" else _REFUSED
        address = urlsplit(self.path)
        asked = Asked(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query) + parse_qsl(form.decode())),
            account=self.headers.get("Stripe-Account") or self.headers.get("Stripe-Context"),
            version=self.headers.get("Stripe-Version", shapes.CURRENT),
        )
        return api.answer(self.server.world, asked)

    def _send(self, answer: Answer, fault: Fault | None) -> None:
        body = json.dumps(answer.document).encode()
        if fault == "garbage":
            body = b"<html>not what was asked for</html>"
        length = len(body)
        if fault in {"half", "broken"}:
            body = body[: length // 2]
            self.close_connection = fault == "broken"
        self.send_response_only(answer.status)
        # The world's clock and not ours: it may be another.
        self.send_header("Date", formatdate(self.server.world.clock(), usegmt=True))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length if fault == "broken" else len(body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: what is asked is counted by the faults."""
