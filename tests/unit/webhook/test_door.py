"""The contract's table of the webhook endpoint, row by row."""

import hashlib

import pytest
from structlog.testing import capture_logs

from shared.broker import Nudge
from shared.rules.lanes import ACCESS_CRITICAL, MARKED_CRISIS, OPEN_CRISIS, STANDARD
from tests.factories.deliveries import header
from tests.factories.events import event, raw

PATH = "/api/webhooks/stripe"
NOW = 1_790_000_000
BODY = raw(event("basil/customer.subscription.updated", id="evt_1"))
FAILED = raw(event("basil/invoice.payment_failed", id="evt_2"))


def test_a_signed_event_is_kept_and_told_by_its_id(bench):
    answer = bench.post(BODY)
    assert (answer.status_code, answer.json) == (200, {"received": True, "eventId": "evt_1"})
    [kept] = bench.inbox.arrivals
    assert (kept.body, kept.secret_name, int(kept.signed_at.timestamp())) == (BODY, "current", NOW)
    assert bench.counted("received") == 1


def test_the_same_event_again_is_a_duplicate_and_is_not_nudged_again(bench):
    bench.post(BODY)
    answer = bench.post(BODY, at=NOW + 1)
    assert (answer.status_code, answer.json) == (200, {"received": True, "duplicate": True, "eventId": "evt_1"})
    assert len(bench.inbox.arrivals) == len(bench.settled().doorbell.rung) == 1
    assert bench.counted("duplicate") == 1


def test_another_body_under_the_same_id_is_a_duplicate_that_raises_a_warning(bench):
    bench.post(BODY)
    with capture_logs() as logs:
        answer = bench.post(BODY + b" ")
    assert answer.json == {"received": True, "duplicate": True, "eventId": "evt_1"}
    assert [(entry["log_level"], entry["outcome"]) for entry in logs] == [("warning", "conflict")]
    assert bench.inbox.arrivals[0].body == BODY
    assert bench.counted("conflict") == 1


def test_what_is_signed_but_no_event_is_kept_under_its_hash(bench):
    answer = bench.post(b"\xffno event")
    assert answer.json == {"received": True, "eventId": "sha256:" + hashlib.sha256(b"\xffno event").hexdigest()}
    assert bench.inbox.arrivals[0].type is None
    assert bench.counted("unparsable") == 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_any_other_method_is_refused(bench, method):
    answer = bench.app.test_client().open(PATH, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert method == "HEAD" or answer.json == {"error": "METHOD_NOT_ALLOWED"}
    assert bench.counted("method_not_allowed") == 1


def test_a_compressed_body_is_refused_before_its_size_and_signature(bench):
    answer = bench.post(b"x" * 30_000, Content_Encoding="gzip", Stripe_Signature=None)
    assert (answer.status_code, answer.json) == (415, {"error": "UNSUPPORTED_ENCODING"})


def test_identity_is_no_compression(bench):
    assert bench.post(BODY, Content_Encoding="Identity").status_code == 200


def test_size_comes_before_the_signature(bench):
    answer = bench.post(b"x" * 20_001, Stripe_Signature=None)
    assert (answer.status_code, answer.json) == (413, {"error": "BODY_TOO_LARGE"})


def test_a_body_at_the_limit_is_kept(bench):
    assert bench.post(BODY + b" " * (20_000 - len(BODY))).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Stripe_Signature": None}, 401, "MISSING_SIGNATURE"),
        ({"Stripe_Signature": f"t={NOW},v1=00"}, 401, "INVALID_SIGNATURE"),
        ({"Stripe_Signature": f"t={NOW},v1={'é' * 64}"}, 401, "INVALID_SIGNATURE"),
        ({"Stripe_Signature": ""}, 401, "INVALID_SIGNATURE"),
        ({"at": NOW - 301}, 400, "REPLAY_ATTACK"),
        ({"at": NOW + 301}, 400, "REPLAY_ATTACK"),
    ],
)
def test_what_is_not_signed_now_is_refused_and_changes_nothing(bench, headers, status, code):
    answer = bench.post(BODY, **headers)
    assert (answer.status_code, answer.json) == (status, {"error": code})
    assert bench.inbox.arrivals == bench.settled().doorbell.rung == []
    assert bench.counted(code.lower()) == 1


def test_the_content_type_is_not_judged(bench):
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "\\"):
        assert bench.post(BODY, Content_Type=content_type).status_code == 200
    assert {kept.body for kept in bench.inbox.arrivals} == {BODY}


def test_what_cannot_be_kept_is_asked_for_again(bench):
    bench.inbox.away = True
    answer = bench.post(BODY)
    assert (answer.status_code, answer.json) == (500, {"error": "PROCESSING_ERROR"})
    assert int(answer.headers["Retry-After"]) > 0
    assert bench.settled().doorbell.rung == []


def test_a_fault_of_ours_asks_for_the_event_again_and_tells_nothing(bench, monkeypatch):
    monkeypatch.setattr(bench.inbox, "keep_many", lambda *_, **__: {}["evt_1 in a message"])
    answer = bench.post(BODY)
    assert (answer.status_code, answer.json) == (500, {"error": "PROCESSING_ERROR"})
    assert "Retry-After" in answer.headers
    assert bench.counted("processing_error") == 1


@pytest.mark.parametrize(
    ("body", "lane", "urgency"),
    [
        (BODY, "standard", STANDARD),
        (FAILED, "crisis", ACCESS_CRITICAL),
        (
            raw(event("basil/invoice.payment_failed", **{"data.object.metadata": {"crisis": "true"}})),
            "crisis",
            MARKED_CRISIS,
        ),
    ],
)
def test_the_nudge_carries_the_row_and_its_lane_and_nothing_else(bench, body, lane, urgency):
    bench.post(body)
    assert bench.settled().doorbell.rung == [Nudge((1,), lane, urgency)]
    assert bench.inbox.nudged == {1: True}


def test_a_doorbell_that_fails_leaves_the_event_to_the_relay(bench):
    bench.doorbell.broken = True
    assert bench.post(BODY).status_code == 200
    assert bench.settled().inbox.nudged == {1: False}


def test_a_doorbell_that_is_quiet_is_not_rung(bench):
    bench.doorbell.quiet = True
    assert bench.post(BODY).status_code == 200
    assert (bench.settled().doorbell.rung, bench.inbox.nudged) == ([], {1: False})


def test_a_person_in_danger_is_rung_for_though_the_list_of_the_events_type_is_full(bench):
    bench.doorbell.full = bench.inbox.in_danger = True
    assert bench.post(BODY).status_code == 200
    assert bench.settled().doorbell.rung == [Nudge((1,), "crisis", OPEN_CRISIS)]


@pytest.mark.parametrize(
    "path", ["/", "/api", PATH + "/", "/api//webhooks/stripe", "/api/webhooks", "/static/x", "/%ff%0a"]
)
def test_nothing_else_is_here_and_nothing_redirects(bench, path):
    answer = bench.app.test_client().post(path, data=BODY, headers={"Stripe-Signature": header(BODY, NOW)})
    assert (answer.status_code, answer.json) == (404, {"error": "NOT_FOUND"})
    assert bench.inbox.arrivals == []


def test_readiness_follows_the_database_and_nothing_behind_the_queue(bench):
    client = bench.app.test_client()
    bench.doorbell.broken = True
    assert client.get("/readyz").status_code == 200
    bench.inbox.away = True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"error": "NOT_READY"})


def test_metrics_tell_outcomes_and_times(bench):
    bench.post(BODY)
    answer = bench.app.test_client().get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert 'carelane_webhook_requests_total{outcome="received"} 1.0' in answer.text
    assert "carelane_webhook_seconds_count 1.0" in answer.text
    assert "carelane_webhook_verification_seconds_count 1.0" in answer.text


def test_labels_never_grow_with_what_callers_send(bench):
    lines = bench.app.test_client().get("/metrics").text.count("\n")
    for body in (b"a", b"b", BODY, FAILED):
        bench.post(body)
        bench.post(body, Stripe_Signature="t=1,v1=" + body.decode())
        bench.app.test_client().open("/" + body.decode()[:20], method="BREW")
    assert bench.app.test_client().get("/metrics").text.count("\n") == lines


def test_logs_and_answers_tell_ids_and_never_contents(bench):
    canary = "canary-7f3a"
    body = raw(event("basil/customer.subscription.updated", id="evt_c", **{"data.object.description": canary}))
    with capture_logs() as logs:
        answers = [
            bench.post(body),
            bench.post(body, Stripe_Signature=canary),
            bench.post(canary.encode()),
            bench.post(b"x" * 30_000, User_Agent=canary),
        ]
    assert [entry["log_level"] for entry in logs] == ["warning"] * 3  # the first is as it should be
    assert canary not in str(logs)
    assert all(canary not in answer.text for answer in answers)
