"""What has threads of its own is answered while all others wait, and in its own time."""

import asyncio
import threading
import time
from contextlib import contextmanager

import pytest

from ingress.front import BEGAN
from ingress.front_threads import Group
from ingress.wsgi import Answer
from tests.fakes.rsgi import FakeHttp
from tests.unit.webhook.test_front import Started

ACCESS = Group(paths=("/api/access/",), threads=1)
DANGER = Group(paths=("/api/crisis", "/api/assessments"), threads=1)
HURRIED = Group(
    paths=("/api/access/",), threads=1, answer_timeout_seconds=0.01, instead=lambda: Answer(200, [], b"help")
)


@contextmanager
def held(*paths, **limits):
    """A front whose application waits under these paths; whoever asks elsewhere is answered with their path."""
    released = threading.Event()

    def app(environ, start_response):
        if environ["PATH_INFO"].startswith(paths):
            released.wait(60)
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    with Started(app, **limits) as started:
        try:
            yield started
        finally:
            released.set()


async def sent(started, *paths):
    return [body for _, _, body in await asyncio.gather(*(started.send(FakeHttp([]), path=path) for path in paths))]


@pytest.mark.parametrize("path", ["/api/access/p", "/api/crisis", "/api/crisis/1/resolve", "/api/assessments"])
def test_what_is_apart_waits_for_no_other_request(path):
    async def both(started):
        others = [asyncio.ensure_future(started.send(FakeHttp([]), path="/api/admin")) for _ in range(3)]
        await asyncio.sleep(0)
        found = await sent(started, path)
        assert not any(other.done() for other in others)
        for other in others:
            other.cancel()
        return found

    with held("/api/admin", threads=1, apart=(ACCESS, DANGER)) as started:
        assert started.loop.run_until_complete(both(started)) == [path.encode()]


def test_groups_do_not_wait_for_each_other():
    async def both(started):
        waiting = asyncio.ensure_future(started.send(FakeHttp([]), path="/api/crisis"))
        await asyncio.sleep(0)
        found = await sent(started, "/api/access/p", "/other")
        waiting.cancel()
        return found

    with held("/api/crisis", threads=1, apart=(ACCESS, DANGER)) as started:
        assert started.loop.run_until_complete(both(started)) == [b"/api/access/p", b"/other"]


def test_who_cannot_wait_is_helped_when_there_is_no_answer_in_time():
    with held("/api/access/", apart=(HURRIED,)) as started:
        assert started.loop.run_until_complete(sent(started, *["/api/access/p"] * 5)) == [b"help"] * 5


def test_who_finds_no_place_to_wait_is_helped_at_once():
    group = Group(
        paths=("/api/access/",), threads=1, answer_timeout_seconds=60, waiting_per_thread=0, instead=HURRIED.instead
    )

    async def both(started):
        first = asyncio.ensure_future(started.send(FakeHttp([]), path="/api/access/p"))
        await asyncio.sleep(0)
        found = await sent(started, "/api/access/q")
        first.cancel()
        return found

    with held("/api/access/", apart=(group,)) as started:
        assert started.loop.run_until_complete(both(started)) == [b"help"]


def test_who_meets_a_fault_of_ours_is_helped():
    def broken(environ, start_response):
        raise RuntimeError("a bug")

    with Started(broken, apart=(HURRIED,)) as started:
        assert started.loop.run_until_complete(sent(started, "/api/access/p", "/other")) == [
            b"help",
            b"PROCESSING_ERROR",
        ]


def test_a_request_knows_since_when_its_caller_waits():
    seen = []

    def app(environ, start_response):
        seen.append(environ[BEGAN])
        start_response("200 OK", [])
        return [b""]

    before = time.monotonic()
    with Started(app, apart=(ACCESS,)) as started:
        started.loop.run_until_complete(started.send(FakeHttp([]), path="/api/access/p"))
    assert before <= seen[0] <= time.monotonic()
