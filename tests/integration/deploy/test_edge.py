"""nginx as it stands in front: TLS 1.3 only, one path, whole bodies only, and the door's own words for a refusal."""

import json
import os
import re
import ssl
import subprocess
import time

import pytest

from ingress.webhook.answers import refusal
from shared.config import Settings
from tests.factories.deliveries import header
from tests.factories.events import event, raw
from tests.integration.deploy.conftest import setting
from tests.integration.webhook.conftest import serving
from tests.running import until

PATH = "/api/webhooks/stripe"
LIMIT = Settings().max_body_bytes


def is_refusal(answer, code):
    status, headers, body = answer
    ours = refusal(code)
    told = {name: headers.get(name) for name, _ in ours.headers}
    return (status, json.loads(body), told) == (ours.status, json.loads(ours.body), dict(ours.headers))


def test_nginx_finds_nothing_wrong_with_the_configuration(edge):
    ran = subprocess.run(edge.command("-t", "-q"), capture_output=True, text=True, timeout=30, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_body_passes_byte_by_byte_with_its_signature(edge, recorder):
    body = os.urandom(70_000)
    assert edge.ask("POST", PATH, body, Stripe_Signature="t=1,v1=x")[0] == 200
    path, headers, came = recorder.requests[-1]
    assert (path, came, headers["Stripe-Signature"]) == (PATH, body, "t=1,v1=x")


def test_what_the_caller_says_of_its_own_address_is_replaced(edge, recorder):
    edge.ask("POST", PATH, b"{}", X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="gopher")
    headers = recorder.requests[-1][1]
    assert (headers["X-Forwarded-For"], headers["X-Forwarded-Proto"]) == ("127.0.0.1", "https")


def test_tls_1_3_is_spoken_and_nothing_older(edge):
    connection = edge.connect()
    assert connection.sock.version() == "TLSv1.3"
    connection.close()
    older = ssl.create_default_context(cafile=str(edge.place / "tls_certificate"))
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        edge.connect(older)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("POST", f"{PATH}/"),
        ("POST", f"{PATH}/../../../metrics"),
        ("GET", "/api/access/someone"),
    ],
)
def test_no_other_path_reaches_the_door(edge, recorder, method, path):
    before = len(recorder.requests)
    assert is_refusal(edge.ask(method, path, b"" if method == "POST" else None), "NOT_FOUND")
    assert len(recorder.requests) == before


def test_a_body_at_the_limit_passes_and_one_byte_more_is_refused_in_the_doors_words(edge, recorder):
    assert edge.ask("POST", PATH, bytes(LIMIT))[0] == 200
    before = len(recorder.requests)
    assert is_refusal(edge.ask("POST", PATH, bytes(LIMIT + 1)), "BODY_TOO_LARGE")
    pieces = (bytes(65_536) for _ in range(LIMIT // 65_536 + 1))
    assert is_refusal(edge.ask("POST", PATH, pieces, Transfer_Encoding="chunked"), "BODY_TOO_LARGE")
    assert len(recorder.requests) == before


def test_the_buffer_holds_the_largest_body_so_that_none_is_written_to_disk():
    assert setting("client_body_buffer_size") == setting("client_max_body_size") == f"{LIMIT // 1024**2}m"


def test_a_body_that_is_still_coming_has_not_reached_the_door(edge, recorder):
    before = len(recorder.requests)
    slow = edge.connect()
    slow.putrequest("POST", PATH)
    slow.putheader("Content-Length", "4")
    slow.endheaders(b"sl")
    # Whole requests overtake it, through the same two workers, and the door has no trace of the slow one.
    assert [edge.ask("POST", PATH, b"quick")[0] for _ in range(5)] == [200] * 5
    assert [body for _, _, body in recorder.requests[before:]] == [b"quick"] * 5
    slow.send(b"ow")
    assert slow.getresponse().status == 200
    slow.close()
    assert recorder.requests[-1][2] == b"slow"


def test_the_log_says_what_was_answered_and_nothing_that_a_caller_wrote(edge):
    edge.ask("GET", "/canary-path?canary=query", User_Agent="canary-agent", Referer="canary-referer")
    lines = until(lambda: [line for line in edge.log.read_text().splitlines() if '"GET"' in line])
    assert {"at", "from", "method", "status", "bytes", "seconds", "doorSeconds"} == set(json.loads(lines[-1]))
    assert "canary" not in edge.log.read_text()


def test_where_no_door_answers_the_delivery_is_to_be_made_again(start_edge):
    assert is_refusal(start_edge(1).ask("POST", PATH, b"{}"), "PROCESSING_ERROR")


def test_a_signed_event_is_taken_by_the_real_door_and_its_refusals_pass_unchanged(start_edge, tmp_path):
    body = raw(event("basil/invoice.payment_failed"))
    with serving("tests.integration.webhook.stub_door", tmp_path / "log") as door:
        edge = start_edge(door.port)
        answers = [edge.ask("POST", PATH, body, Stripe_Signature=header(body, int(time.time()))) for _ in range(2)]
        assert [json.loads(text).get("duplicate", False) for _, _, text in answers] == [False, True]
        assert is_refusal(edge.ask("POST", PATH, body), "MISSING_SIGNATURE")
        assert is_refusal(edge.ask("POST", PATH, body, Content_Encoding="gzip"), "UNSUPPORTED_ENCODING")
        assert is_refusal(edge.ask("GET", PATH), "METHOD_NOT_ALLOWED")


def test_every_wait_has_its_end():
    names = ("client_header_timeout", "client_body_timeout", "send_timeout", "proxy_connect_timeout")
    seconds = [int(re.fullmatch(r"(\d+)s", setting(name))[1]) for name in (*names, "proxy_read_timeout")]
    assert all(1 <= value <= 15 for value in seconds)
