"""A page that listens: what it is told of an answer, and that whoever does not read is cut off and keeps one place."""

import asyncio

import pytest

from ingress.console import live_frames, living
from ingress.console.live_frames import told
from ingress.console.living import Living
from ingress.wsgi import Answer
from tests.fakes.rsgi import FakeHeaders, FakeScope

PAGE = Answer(
    200, [("Content-Type", "text/html"), ("Content-Security-Policy", "none"), ("Content-Length", "4")], b"a\nb"
)
STREAM = {"accept": "text/event-stream"}


def scope(path="/console/now/live", method="GET", **headers):
    named = STREAM | {name.replace("_", "-"): value for name, value in headers.items()}
    return FakeScope(FakeHeaders(list(named.items())), method=method, path=path)


class Http:
    """Keeps what is sent, as granian does for who does not read; `leave` is the client's going."""

    def __init__(self):
        self.sent, self.headers, self.left, self.news = [], {}, asyncio.Event(), asyncio.Event()

    async def client_disconnect(self):
        await self.left.wait()

    def response_stream(self, status, headers):
        assert status == 200
        self.headers = dict(headers)
        return self

    async def send_bytes(self, data):
        self.sent.append(data)
        self.news.set()

    async def has(self, count):
        while sum(map(len, self.sent)) < count:
            self.news.clear()
            await self.news.wait()


def of(*answers):
    """Asked again and again; the last one stays."""
    left = list(answers)

    async def ask():
        return left.pop(0) if len(left) > 1 else left[0]

    return ask


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(living, "EVERY_SECONDS", 0)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 30))


def test_each_line_of_a_page_is_a_line_of_the_frame():
    found = told(Answer(200, [], b"one\r\n\r\ntwo"), None)
    assert found.frame == f"id: {found.id}\ndata: one\ndata: \ndata: two\n\n".encode()


def test_what_has_not_changed_is_not_told_again():
    assert told(PAGE, told(PAGE, None).id).frame == b""


def test_trouble_is_told_once_and_figures_are_told_anew_after_it():
    first = told(Answer(503, [], b""), told(PAGE, None).id)
    assert b"event: away\n" in first.frame
    assert told(Answer(500, [], b""), first.id).frame == b""
    assert told(PAGE, first.id).frame


@pytest.mark.parametrize("status", [303, 403, 404])
def test_a_refusal_ends_it(status):
    found = told(Answer(status, [], b"secret"), told(PAGE, None).id)
    assert found.is_last
    assert b"event: ended\n" in found.frame
    assert b"secret" not in found.frame


@pytest.mark.parametrize(
    "other",
    [scope(method="POST"), scope("/console/now"), scope("/account/live"), scope(accept="text/html")],
)
def test_other_requests_are_answered_as_ever(other):
    assert Living().suits(scope())
    assert not Living().suits(other)


def test_a_stream_has_the_headers_of_its_page_and_none_that_are_of_the_page_alone(hurried):
    http = Http()

    async def once():
        http.left.set()
        await Living().run(scope(), http, of(PAGE))

    run(once())
    assert http.headers["Content-Security-Policy"] == "none"
    assert http.headers["content-type"] == "text/event-stream"
    assert {"Content-Type", "Content-Length"}.isdisjoint(http.headers)


def test_who_comes_again_with_what_they_know_is_told_nothing_until_it_changes(hurried):
    http = Http()

    async def once():
        http.left.set()
        await Living().run(scope(last_event_id=told(PAGE, None).id), http, of(PAGE))

    run(once())
    assert http.sent == [live_frames.OPENING]


def test_one_who_does_not_read_is_cut_off_and_keeps_the_place_until_it_is_gone(hurried, monkeypatch):
    monkeypatch.setattr(living, "_MOST_BYTES", 1000)
    http, all_of_them = Http(), Living(most=1)
    answers = of(*(Answer(200, [], b"%03d" % n) for n in range(500)))

    async def through():
        stuck = asyncio.ensure_future(all_of_them.run(scope(), http, answers))
        await http.has(1000)
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(http.sent) < 50
        assert (await all_of_them.run(scope(), Http(), answers)).status == 503
        http.left.set()
        assert await stuck is None
        assert (await all_of_them.run(scope(), Http(), of(Answer(303, [], b"")))).status == 303

    run(through())


def test_a_door_that_closes_ends_them_and_takes_no_more():
    async def through():
        http, all_of_them = Http(), Living()
        open_ = asyncio.ensure_future(all_of_them.run(scope(), http, of(PAGE)))
        await http.has(len(live_frames.OPENING) + 1)
        all_of_them.close()
        await open_
        assert (await all_of_them.run(scope(), Http(), of(PAGE))).status == 503

    run(through())
