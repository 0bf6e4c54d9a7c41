"""What an application is told of a request, and how its answer is taken."""

import os

import pytest

from ingress.wsgi import Answer, call, environ
from tests.fakes.rsgi import FakeHeaders, FakeScope


def told(*pairs, unreadable=(), **scope):
    return environ(FakeScope(FakeHeaders(list(pairs), list(unreadable)), **scope), b"body")


def test_a_request_is_told_in_the_words_of_wsgi():
    variables = told(
        ("host", "door"), method="GET", path="/é/\n", query_string="a=%20", client="[::1]:5", server="[::1]:80"
    )
    assert variables["PATH_INFO"].encode("latin-1").decode() == "/é/\n"
    expected = {
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "a=%20",
        "HTTP_HOST": "[::1]:80",
        "REMOTE_ADDR": "[::1]",
        "SERVER_NAME": "[::1]",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": "4",
        "wsgi.url_scheme": "http",
    }
    assert {name: variables[name] for name in expected} == expected
    assert variables["wsgi.input"].read() == b"body"


def test_nothing_of_this_process_is_told(monkeypatch):
    monkeypatch.setenv("A_SECRET_OF_THIS_PROCESS", "canary")
    assert not set(os.environ) & set(told())


def test_a_repeated_header_is_joined():
    assert told(("stripe-signature", "a"), ("stripe-signature", "b"))["HTTP_STRIPE_SIGNATURE"] == "a,b"


def test_a_header_spelt_with_an_underscore_is_dropped():
    assert "HTTP_STRIPE_SIGNATURE" not in told(("stripe_signature", "forged"))
    assert told(("stripe_signature", "forged"), ("stripe-signature", "a"))["HTTP_STRIPE_SIGNATURE"] == "a"


def test_a_header_that_cannot_be_read_was_sent_all_the_same():
    assert told(unreadable=["stripe-signature"])["HTTP_STRIPE_SIGNATURE"] == ""


def test_the_framing_of_the_body_is_not_told_for_it_is_read():
    variables = told(("transfer-encoding", "chunked"), ("content-length", "999"), ("content-type", "text/plain"))
    assert variables["CONTENT_LENGTH"] == "4"
    assert variables["CONTENT_TYPE"] == "text/plain"
    assert not {"HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE"} & set(variables)


def test_an_answer_is_taken_whole_and_closed():
    class Parts(list):
        closed = False

        def close(self):
            self.closed = True

    parts = Parts([b"b", b"c"])

    def app(variables, start_response):
        start_response("200 OK", [("a", "first")])
        write = start_response("404 NOT FOUND", [("a", "last")])
        write(b"a")
        return parts

    assert call(app, {}) == Answer(404, [("a", "last")], b"abc")
    assert parts.closed


def test_an_answer_that_breaks_off_is_closed_and_raised():
    closed = []

    class Breaks:
        def __iter__(self):
            yield b"a"
            raise LookupError

        def close(self):
            closed.append(True)

    def app(variables, start_response):
        start_response("200 OK", [])
        return Breaks()

    with pytest.raises(LookupError):
        call(app, {})
    assert closed == [True]
