"""The edge as a hostile or broken client meets it: raw bytes against granian, the front and the application."""

import contextlib
import http.client
import json
import re
import socket
import threading
import time

import pytest

from tests.factories.deliveries import header, signature
from tests.factories.events import event, raw
from tests.integration.webhook.conftest import PATH, read_answer, request
from tests.integration.webhook.stub_door import BODY_TIMEOUT_SECONDS, MAX_BODY_BYTES

TEN_MEGABYTES = 10_000_000


def fresh(event_id, **changes):
    return raw(event("basil/customer.subscription.updated", id=event_id, **changes))


def signed(body):
    return f"Stripe-Signature: {header(body, int(time.time()))}"


def chunked(body, size=65_536):
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def kept(door):
    return sum(float(n) for n in re.findall(r'outcome="(?:received|unparsable)"} (\S+)', door.get("/metrics")[1]))


def test_a_signed_event_and_its_repetition(door):
    body = fresh("evt_plain")
    assert door.post(body) == (200, {"received": True, "eventId": "evt_plain"})
    assert door.post(body) == (200, {"received": True, "duplicate": True, "eventId": "evt_plain"})


def test_a_chunked_event_is_kept(door):
    body = fresh("evt_chunked")
    status, _, content = door.exchange(request(signed(body), "Transfer-Encoding: chunked"), chunked(body, 100))
    assert (status, json.loads(content)["eventId"]) == (200, "evt_chunked")


def test_a_body_at_the_limit_is_kept_and_one_byte_more_is_not(door):
    body = fresh("evt_limit")
    body += b" " * (MAX_BODY_BYTES - len(body))
    assert door.post(body)[0] == 200
    assert door.post(body + b" ") == (413, {"error": "BODY_TOO_LARGE"})


def test_one_connection_carries_one_event_after_the_other_of_whatever_length(door):
    client = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
    with contextlib.closing(client):
        client.connect()
        first = client.sock.getsockname()
        for number, length in enumerate((3_000, 100_000, 3_000)):
            body = fresh(f"evt_one_after_the_other_{number}").ljust(length)
            client.request("POST", PATH, body, {"Stripe-Signature": header(body, int(time.time()))})
            answer = client.getresponse()
            assert (answer.status, json.loads(answer.read())["received"]) == (200, True)
            assert client.sock.getsockname() == first


@pytest.mark.parametrize("by_chunks", [False, True])
def test_ten_megabytes_are_refused_and_the_client_can_read_why(door, by_chunks):
    body = b"x" * TEN_MEGABYTES
    before = kept(door)
    framing = "Transfer-Encoding: chunked" if by_chunks else f"Content-Length: {TEN_MEGABYTES}"
    status, headers, content = door.exchange(request(signed(body), framing), chunked(body) if by_chunks else body)
    assert (status, json.loads(content), headers["connection"]) == (413, {"error": "BODY_TOO_LARGE"}, "close")
    assert kept(door) == before


def test_a_body_declared_too_large_is_answered_before_it_is_sent(door):
    status, _, content = door.exchange(request(f"Content-Length: {TEN_MEGABYTES}"))
    assert (status, json.loads(content)) == (413, {"error": "BODY_TOO_LARGE"})


def test_a_compressed_body_is_refused_and_never_inflated(door):
    body = b"\x1f\x8b" + b"\0" * 100
    assert door.post(body, Content_Encoding="gzip") == (415, {"error": "UNSUPPORTED_ENCODING"})


def test_another_method_is_refused(door):
    status, headers, content = door.exchange(request(method="GET"))
    assert (status, headers["allow"], json.loads(content)) == (405, "POST", {"error": "METHOD_NOT_ALLOWED"})


@pytest.mark.parametrize("length", [100, 100_000])
def test_forty_slow_bodies_do_not_delay_a_good_request(door, length):
    slow = [door.connect() for _ in range(40)]
    try:
        for connection in slow:
            connection.sendall(request(f"Content-Length: {length}") + b"abc")
        answers = [door.post(fresh(f"evt_meanwhile_{length}_{n}")) for n in range(20)]
        assert [status for status, _ in answers] == [200] * 20
    finally:
        for connection in slow:
            connection.close()


def test_a_body_that_does_not_arrive_in_time_ends_with_408(door):
    started = time.monotonic()
    status, headers, content = door.exchange(request("Content-Length: 100") + b"abc")
    assert (status, json.loads(content), headers["connection"]) == (408, {"error": "BODY_TIMEOUT"}, "close")
    assert time.monotonic() - started >= BODY_TIMEOUT_SECONDS * 0.9


def test_a_trickling_body_has_the_same_time_as_a_silent_one(door):
    ended = threading.Event()
    with door.connect() as connection:
        connection.sendall(request("Content-Length: 100000"))

        def trickle():
            try:
                while not ended.wait(0.2):
                    connection.sendall(b"x")
            except OSError:
                return

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            status, _, _ = read_answer(connection)
        finally:
            ended.set()
            sender.join()
    assert status == 408


def test_a_repeated_signature_header_is_read_as_one(door):
    body, now = fresh("evt_joined"), int(time.time())
    good = signature(body, now)
    length = f"Content-Length: {len(body)}"
    two_times = request(length, f"Stripe-Signature: t={now},v1={good}", f"Stripe-Signature: t={now},v1={good}")
    assert door.exchange(two_times, body)[0] == 401
    one_time = request(length, f"Stripe-Signature: t={now},v1={'0' * 64}", f"Stripe-Signature: v1={good}")
    assert door.exchange(one_time, body)[0] == 200


def test_a_header_spelt_with_an_underscore_does_not_count(door):
    body = fresh("evt_underscore")
    spelt = signed(body).replace("Stripe-Signature", "Stripe_Signature")
    status, _, content = door.exchange(request(f"Content-Length: {len(body)}", spelt), body)
    assert (status, json.loads(content)) == (401, {"error": "MISSING_SIGNATURE"})


def test_a_signature_that_is_not_ascii_is_invalid(door):
    status, _, content = door.exchange(request("Content-Length: 1", "Stripe-Signature: t=1,v1=\xff\xe9"), b"x")
    assert (status, json.loads(content)) == (401, {"error": "INVALID_SIGNATURE"})


@pytest.mark.parametrize("length_first", [False, True])
def test_length_and_chunks_together_carry_no_second_request(door, length_first):
    body = fresh(f"evt_smuggled_{length_first}")
    inner = request(signed(body), f"Content-Length: {len(body)}") + body
    framing = ["Transfer-Encoding: chunked", f"Content-Length: {5 + len(inner)}"]
    outer = request(*(reversed(framing) if length_first else framing)).replace(b"Connection: close\r\n", b"")
    before = kept(door)
    with door.connect() as connection:
        connection.sendall(outer + b"0\r\n\r\n" + inner)
        connection.settimeout(BODY_TIMEOUT_SECONDS)
        everything = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert everything.count(b"HTTP/1.1 ") == 1
    assert kept(door) == before


@pytest.mark.parametrize(
    "framing",
    [
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: +3"],
        ["Content-Length: -1"],
        ["Content-Length: 3, 3x"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
    ],
)
def test_contradictory_framing_is_a_bad_request(door, framing):
    assert door.exchange(request(*framing), b"abcd")[0] == 400


@pytest.mark.parametrize(
    ("framing", "part"),
    [
        ("Content-Length: 100", b"abc"),
        ("Content-Length: 100000", b"abc"),
        ("Transfer-Encoding: chunked", b"5\r\nhel"),
        ("Transfer-Encoding: chunked", b"zz\r\n"),
    ],
)
def test_a_truncated_body_is_refused_and_changes_nothing(door, framing, part):
    before = kept(door)
    status, _, _ = door.exchange(request(framing, signed(part)), part, ends=True)
    assert 400 <= status < 500
    assert kept(door) == before


@pytest.mark.parametrize("length", [100, 100_000])
def test_a_client_that_goes_away_in_the_middle_harms_nobody(door, length):
    for _ in range(20):
        with door.connect() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.sendall(request(f"Content-Length: {length}") + b"abc")
    assert door.post(fresh(f"evt_after_{length}"))[0] == 200


@pytest.mark.parametrize("body", [b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"n": NaN}', b"9" * 5000, b"\0"])
def test_a_body_that_is_no_event_gets_401_unsigned_and_is_kept_signed(door, body):
    status, answer = door.post(body, Stripe_Signature="t=1,v1=00")
    assert (status, answer) == (401, {"error": "INVALID_SIGNATURE"})
    status, answer = door.post(body)
    assert status == 200
    assert answer["eventId"].startswith("sha256:")


@pytest.mark.parametrize("path", ["/%ff%00%0aFAKE", "/api//webhooks/stripe", "/api/webhooks/stripe/", "/..%2f", "*"])
def test_an_odd_path_is_not_found(door, path):
    assert door.exchange(request("Content-Length: 0", path=path))[0] == 404
