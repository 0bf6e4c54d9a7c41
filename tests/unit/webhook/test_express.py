"""The express route answers as Flask does, whatever comes."""

import asyncio
import threading

import pytest

from ingress.webhook import signature
from ingress.webhook.express import Express
from tests.factories.deliveries import header
from tests.factories.events import event, raw
from tests.fakes.rsgi import FakeHeaders, FakeHttp, FakeScope
from tests.unit.webhook.conftest import MAX_BODY_BYTES, NOW, build, signed

PATH = "/api/webhooks/stripe"
BODY = raw(event("basil/customer.subscription.updated", id="evt_1"))
MARKED = raw(event("basil/invoice.payment_failed", id="evt_2", **{"data.object.metadata": {"crisis": "true"}}))
TAMPERED = {"Stripe_Signature": header(BODY + b" ", NOW)}

# What comes one after the other to one door: bodies with what is changed of a good request's headers, or its time.
STORIES = {
    "kept, then a duplicate, then a conflict": [(BODY, {}), (BODY, {"at": NOW + 1}), (BODY + b" ", {})],
    "a person marked as in danger": [(MARKED, {})],
    "no event at all, twice": [(b"\xffno event", {}), (b"\xffno event", {})],
    "compressed": [(BODY, {"Content_Encoding": "gzip"})],
    "compressed, too large and unsigned": [(b"x" * 30_000, {"Content_Encoding": "br", "Stripe_Signature": None})],
    "called identity": [(BODY, {"Content_Encoding": " Identity "})],
    "too large and unsigned": [(b"x" * (MAX_BODY_BYTES + 1), {"Stripe_Signature": None})],
    "at the limit": [(BODY + b" " * (MAX_BODY_BYTES - len(BODY)), {})],
    "unsigned": [(BODY, {"Stripe_Signature": None})],
    "an empty signature": [(BODY, {"Stripe_Signature": ""})],
    "a signature without its parts": [(BODY, {"Stripe_Signature": "nonsense"})],
    "tampered with": [(BODY, TAMPERED)],
    "stale": [(BODY, {"at": NOW - 301})],
    "from the future": [(BODY, {"at": NOW + 301})],
    "empty": [(b"", {})],
    "another method": [(BODY, {"method": "PUT"})],
    "another path": [(BODY, {"path": PATH + "/"})],
    "a query": [(BODY, {"query_string": "a=b"})],
    "another type of content": [(BODY, {"Content_Type": "multipart/form-data"})],
}


def by_flask(made, body, change):
    scope = {key: change.pop(key) for key in ("method", "path", "query_string") if key in change}
    headers = signed(body, change.pop("at", NOW), change)
    answer = made.app.test_client().open(
        scope.get("path", PATH),
        method=scope.get("method", "POST"),
        query_string=scope.get("query_string"),
        data=body,
        headers=headers,
    )
    told = {name.lower(): value for name, value in answer.headers.items() if name != "Content-Length"}
    return answer.status_code, told, answer.data


def by_express(front, loop, body, change):
    scope = {"path": PATH} | {key: change.pop(key) for key in ("method", "path", "query_string") if key in change}
    headers = signed(body, change.pop("at", NOW), change) | {"content-length": str(len(body))}
    http = FakeHttp([body])
    loop.run_until_complete(
        front.__rsgi__(FakeScope(FakeHeaders([(k.lower(), v) for k, v in headers.items()]), **scope), http)
    )
    [(status, told, content)] = http.answers
    return (
        status,
        {name.lower(): v for name, v in told.items() if name not in {"Content-Length", "connection"}},
        content,
    )


@pytest.fixture
def pair(front_of):
    """Two doors alike: one answers through Flask's test client, the other through the front."""
    plain, fast, loop = build(), build(), asyncio.new_event_loop()
    front = front_of(fast)
    front.__rsgi_init__(loop)
    yield plain, fast, lambda body, change: by_express(front, loop, body, change)
    front.__rsgi_del__(loop)
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    plain.settled()


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_both_ways_answer_count_keep_and_ring_alike(pair, story):
    plain, fast, post = pair
    for body, change in story:
        assert post(body, dict(change)) == by_flask(plain, body, dict(change))
    assert [kept.body for kept in fast.inbox.arrivals] == [kept.body for kept in plain.inbox.arrivals]
    assert fast.settled().doorbell.rung == plain.settled().doorbell.rung
    counts = [{s.labels["outcome"]: s.value for s in _samples(made)} for made in (fast, plain)]
    assert counts[0] == counts[1]


def _samples(made):
    return [
        sample
        for metric in made.door.metrics.registry.collect()
        for sample in metric.samples
        if sample.name == "carelane_webhook_requests_total"
    ]


def test_both_ways_ask_again_for_what_cannot_be_kept(pair):
    plain, fast, post = pair
    plain.inbox.away = fast.inbox.away = True
    assert post(BODY, {}) == by_flask(plain, BODY, {})
    assert post(BODY, {})[0] == 500


def test_a_body_too_long_for_the_event_loop_is_checked_in_a_thread_of_its_own(pair, monkeypatch):
    _, _, post = pair
    checked, verify = [], signature.verify

    def watched(*given, **named):
        checked.append(threading.current_thread().name.partition("_")[0])
        return verify(*given, **named)

    monkeypatch.setattr(signature, "verify", watched)
    monkeypatch.setattr(Express, "most_bytes", len(BODY))
    assert post(BODY, {})[0] == 200
    assert post(BODY + b" ", {})[0] == 200
    assert post(BODY + b"  ", TAMPERED)[0] == 401
    assert checked == ["MainThread", "checker", "checker"]


def test_no_delivery_takes_a_thread_of_the_application(pair, monkeypatch):
    _, fast, post = pair
    monkeypatch.setattr(fast.app, "wsgi_app", lambda *_: pytest.fail("a thread was taken"))
    for body, headers in [(BODY, {}), (BODY, TAMPERED), (b"x" * (MAX_BODY_BYTES + 1), {"Stripe_Signature": None})]:
        assert post(body, dict(headers))[0] in {200, 401, 413}


@pytest.mark.parametrize("sent", [None, "", "nonsense", "t=1", "v1=" + "0" * 64, "t=1,v1=0", "t=1,v1=" + "0" * 64])
def test_a_long_body_is_held_only_where_the_header_has_a_signatures_form(sent):
    headers = FakeHeaders([] if sent is None else [("stripe-signature", sent)])
    assert Express(build().door).may_keep(headers) is (sent == "t=1,v1=" + "0" * 64)
