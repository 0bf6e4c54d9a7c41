"""The front's bounds: bytes, time, and requests in hand."""

import asyncio
import threading

import pytest

from ingress.front import TOO_LARGE, Front, Limits
from ingress.wsgi import Answer
from tests.fakes.rsgi import FakeHeaders, FakeHttp, FakeScope

LIMIT = 1000


def echo(environ, start_response):
    start_response("200 OK", [("x-too-large", str(environ[TOO_LARGE]))])
    return [environ["wsgi.input"].read()]


def refusal(code):
    return Answer(599, [("content-type", "text/plain")], code.encode())


class Started:
    """A front between its process's start and end."""

    def __init__(self, app=echo, **limits):
        self.closed = []
        bounds = {"threads": 2, "max_body_bytes": LIMIT, "body_timeout_seconds": 30.0} | limits
        self.beats = []
        self.front = Front(
            app,
            Limits(**bounds),
            refusal=refusal,
            beat=lambda: self.beats.append(True),
            close=lambda: self.closed.append(True),
        )
        self.loop = asyncio.new_event_loop()

    def __enter__(self):
        self.front.__rsgi_init__(self.loop)
        return self

    def __exit__(self, *_):
        self.front.__rsgi_del__(self.loop)
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
        assert self.closed == [True]

    async def send(self, http, *headers, **scope):
        await self.front.__rsgi__(FakeScope(FakeHeaders(list(headers)), **scope), http)
        [answer] = http.answers
        return answer


def sent(http, *headers, app=echo, **limits):
    with Started(app, **limits) as started:
        return started.loop.run_until_complete(started.send(http, *headers))


def test_it_shows_that_its_event_loop_turns():
    with Started() as started:
        assert started.beats == []
        started.loop.run_until_complete(asyncio.sleep(0.01))
        assert started.beats == [True]


def test_the_application_gets_the_body_whole():
    http = FakeHttp([b"he", b"", b"llo"])
    assert sent(http, ("content-length", "5")) == (200, {"x-too-large": "False"}, b"hello")


@pytest.mark.parametrize(
    ("head", "version", "is_read"),
    [
        ([], "1.1", False),
        ([], "1", False),
        ([], "2", True),  # a body may come without a word of it
        ([("content-length", "3")], "1.1", True),
        ([("transfer-encoding", "chunked")], "1.1", True),
    ],
)
def test_for_a_body_that_no_head_tells_of_nobody_waits(head, version, is_read):
    http = FakeHttp([b"abc"] if is_read else [], stalls=not is_read)
    with Started() as started:
        status, _, body = started.loop.run_until_complete(started.send(http, *head, method="GET", http_version=version))
    assert (status, body, http.taken) == (200, b"abc" if is_read else b"", int(is_read))


def test_a_chunked_body_at_the_limit_passes():
    status, _, body = sent(FakeHttp([b"x" * 600, b"x" * 400]), ("transfer-encoding", "chunked"))
    assert (status, len(body)) == (200, LIMIT)


def test_a_body_declared_too_large_is_judged_before_any_of_it_is_read():
    taken_when_called = []
    http = FakeHttp([b"x" * 600] * 2)

    def app(environ, start_response):
        taken_when_called.append(http.taken)
        return echo(environ, start_response)

    status, headers, body = sent(http, ("content-length", "1200"), app=app)
    assert taken_when_called == [0]
    assert (status, body) == (200, b"")
    assert headers == {"x-too-large": "True", "connection": "close"}


def test_a_chunked_body_is_dropped_when_it_passes_the_limit():
    status, headers, body = sent(FakeHttp([b"x" * 600] * 2), ("transfer-encoding", "chunked"))
    assert (status, headers["x-too-large"], body) == (200, "True", b"")


def test_what_follows_a_body_too_large_is_thrown_away_up_to_a_bound():
    http = FakeHttp([b"x" * LIMIT] * 100)
    sent(http, ("content-length", "100000"))
    assert 2 < http.taken < 20


def test_a_client_that_stalls_after_too_large_a_body_is_let_go():
    assert sent(FakeHttp([b"x"], stalls=True), ("content-length", "2000"), body_timeout_seconds=0.01)[0] == 200


def test_a_body_that_does_not_arrive_in_time_ends_the_connection():
    answer = sent(FakeHttp([b"abc"], stalls=True), ("content-length", "100"), body_timeout_seconds=0.01)
    assert answer == (599, {"content-type": "text/plain", "connection": "close"}, b"BODY_TIMEOUT")


def test_a_body_cut_short_never_reaches_the_application():
    _, headers, body = sent(FakeHttp([b"abc"]), ("content-length", "100"))
    assert (headers["connection"], body) == ("close", b"BODY_INCOMPLETE")


def test_an_application_that_fails_is_answered_for():
    def fails(environ, start_response):
        raise RuntimeError("canary")

    assert sent(FakeHttp([]), app=fails) == (599, {"content-type": "text/plain"}, b"PROCESSING_ERROR")


def test_an_answer_that_does_not_come_in_time_asks_for_another_delivery():
    may_go = threading.Event()

    def waits(environ, start_response):
        assert may_go.wait(30)
        return echo(environ, start_response)

    async def scene(started):
        try:
            return await asyncio.gather(*(started.send(FakeHttp([])) for _ in range(3)))
        finally:
            may_go.set()

    with Started(waits, threads=1, answer_timeout_seconds=0.05) as started:
        answers = started.loop.run_until_complete(scene(started))
    assert [body for _, _, body in answers] == [b"PROCESSING_ERROR"] * 3


def test_slow_bodies_hold_no_thread():
    async def scene(started):
        slow = [
            asyncio.create_task(started.send(FakeHttp([b"x"], stalls=True), ("content-length", "2"))) for _ in range(40)
        ]
        await asyncio.sleep(0)
        good = await started.send(FakeHttp([b"good"]), ("content-length", "4"))
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        return good

    with Started(threads=1, waiting_per_thread=0) as started:
        assert started.loop.run_until_complete(scene(started))[2] == b"good"


@pytest.mark.parametrize(("threads", "waiting"), [(1, 0), (2, 3)])
def test_more_requests_than_threads_and_places_to_wait_are_asked_to_come_again(threads, waiting):
    may_go = threading.Event()

    def waits(environ, start_response):
        assert may_go.wait(30)
        return echo(environ, start_response)

    async def scene(started):
        places = threads * (1 + waiting)
        inside = [asyncio.create_task(started.send(FakeHttp([]))) for _ in range(places)]
        while started.front._threads.in_hand < places:  # noqa: ASYNC110 - the front tells nobody
            await asyncio.sleep(0)
        refused = await started.send(FakeHttp([]))
        alive = await started.send(FakeHttp([]), method="GET", path="/healthz")
        may_go.set()
        served = await asyncio.gather(*inside)
        return refused, alive, [*served, await started.send(FakeHttp([]))]

    with Started(waits, threads=threads, waiting_per_thread=waiting) as started:
        refused, alive, served = started.loop.run_until_complete(scene(started))
    assert refused[2] == b"PROCESSING_ERROR"
    assert (alive[0], alive[2]) == (200, b'{"alive":true}')
    assert [status for status, _, _ in served] == [200] * len(served)
