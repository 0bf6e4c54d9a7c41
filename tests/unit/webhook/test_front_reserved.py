"""What has threads of its own is answered while all others wait."""

import asyncio
import threading
import time

from ingress.front import BEGAN
from tests.fakes.rsgi import FakeHttp
from tests.unit.webhook.test_front import Started

RESERVED = {"reserved_path": "/api/access/", "reserved_threads": 1}


def test_what_is_reserved_waits_for_no_other_request():
    released = threading.Event()

    def app(environ, start_response):
        if not environ["PATH_INFO"].startswith("/api/access/"):
            released.wait(60)
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    async def both(started):
        others = [asyncio.ensure_future(started.send(FakeHttp([]), path="/other")) for _ in range(3)]
        await asyncio.sleep(0)
        first = await started.send(FakeHttp([]), path="/api/access/p")
        waiting = [other.done() for other in others]
        released.set()
        return first, waiting, await asyncio.gather(*others)

    with Started(app, threads=1, **RESERVED) as started:
        first, waiting, others = started.loop.run_until_complete(both(started))
    assert first == (200, {}, b"/api/access/p")
    assert waiting == [False] * 3
    assert [status for status, _, _ in others] == [200] * 3


def test_a_request_knows_since_when_its_caller_waits():
    seen = []

    def app(environ, start_response):
        seen.append(environ[BEGAN])
        start_response("200 OK", [])
        return [b""]

    before = time.monotonic()
    with Started(app, **RESERVED) as started:
        started.loop.run_until_complete(started.send(FakeHttp([]), path="/api/access/p"))
    assert before <= seen[0] <= time.monotonic()
