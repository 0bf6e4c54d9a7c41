"""One POST ends within its time whatever is at the other end, follows nobody, and goes nowhere it may not."""

import ipaddress
import socket
import ssl
import time

import pytest

from shared.callback_urls import target_of
from tests.fakes import receiver as bad
from tests.fakes.receiver import OK, status
from workers import callback_post
from workers.callback_post import Answered, Unanswered

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


def post(url, *, networks=LOOPBACK, seconds=0.5):
    begun = time.monotonic()
    found = callback_post.post(
        target_of(url, allows_http=True), b"{}", {"webhook-id": "1"}, networks=networks, seconds=seconds
    )
    assert time.monotonic() - begun < seconds + 10, "it has one deadline"
    return found


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (OK, Answered(200)),
        (bad.pours, Answered(200)),
        (status(204), Answered(204)),
        (status(500), Answered(500)),
        (status(503, "Retry-After: 120"), Answered(503, 120.0)),
        (status(503, "Retry-After: Fri, 31 Dec 2027 23:59:59 GMT"), Answered(503)),
        (status(503, "Retry-After: 99999999999"), Answered(503)),
        (status(301, "Location: http://127.0.0.1:1/"), Answered(301)),
        (bad.hangs, Unanswered("timeout")),
        (bad.drips, Unanswered("timeout")),
        (bad.boasts, Unanswered("answer_without_end")),
        (bad.closes, Unanswered("connection_closed")),
        (bad.babbles, Unanswered("answer_unreadable")),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:40],
)
def test_what_a_receiver_does_is_told_in_a_word(answer, found, receiver):
    receiver.behave(answer)
    assert post(receiver.url) == found
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/", "https://10.0.0.1/", "https://0/", "https://2130706433/", "http://1.1.1.1/",
    ],
)  # fmt: skip
def test_private_addresses_are_refused_unless_allowed(url):
    assert post(url, networks=[ipaddress.ip_network("192.0.2.0/24")]) == Unanswered("address_not_allowed")


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    def both(*_, **__):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert post("https://rebound.example/") == Unanswered("address_not_allowed")


def test_a_name_is_looked_up_once_so_that_it_cannot_become_another_meanwhile(monkeypatch, receiver):
    asked = []

    def rebinding(host, port, *_, **__):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    assert post(f"http://rebound.example:{receiver.port}/") == Answered(200)
    assert asked == ["rebound.example"]
    assert receiver.requests[0][1]["host"] == f"rebound.example:{receiver.port}"


def test_nobody_at_home_no_such_name_and_no_tls_are_told_apart(monkeypatch, receiver):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/") == Unanswered("connection_refused")
    assert post(receiver.url.replace("http:", "https:")).code in {"tls", "connection_closed", "timeout"}

    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert post("https://nobody.invalid/") == Unanswered("name_unknown")


def test_certificates_and_names_are_checked():
    trust = callback_post._trust()
    assert (trust.verify_mode, trust.check_hostname) == (ssl.CERT_REQUIRED, True)
