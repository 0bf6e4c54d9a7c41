"""What is authentic is never limited; what is not is limited by source, within bounded memory."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ingress.webhook.armour import Armour
from ingress.webhook.flood import Flood
from ingress.webhook.sources import SourceList
from ingress.webhook.tally import OTHERS, Tally
from tests.factories.deliveries import header
from tests.factories.events import event, raw
from tests.unit.webhook.conftest import build, signed

PATH = "/api/webhooks/stripe"
BODY = raw(event("basil/customer.subscription.updated", id="evt_1"))
CRISIS = raw(event("basil/invoice.payment_failed", id="evt_2", **{"data.object.metadata": {"crisis": "true"}}))


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def limiting(bench, per_minute=3, clock=None, **parts):
    """The same door, in armour."""
    from ingress.webhook.app import create_app

    armour = Armour(flood=Flood(per_minute, clock=clock or Clock()), **parts)
    bench.door = replace(bench.door, armour=armour)
    bench.app = create_app(bench.door)
    return armour


def post(bench, body=BODY, *, address="203.0.113.9", **headers):
    return bench.app.test_client().post(
        PATH, data=body, headers=signed(body, 1_790_000_000, headers), environ_base={"REMOTE_ADDR": address}
    )


def test_beyond_its_allowance_a_source_is_told_that_it_is_limited(bench):
    limiting(bench)
    codes = [post(bench, Stripe_Signature=None).get_json()["error"] for _ in range(5)]
    assert codes == ["MISSING_SIGNATURE"] * 3 + ["RATE_LIMITED"] * 2
    answer = post(bench, Stripe_Signature=None)
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert post(bench, address="203.0.113.10", Stripe_Signature=None).status_code == 401


def test_the_allowance_comes_back(bench):
    clock = Clock()
    limiting(bench, clock=clock)
    for _ in range(5):
        post(bench, Stripe_Signature=None)
    clock.now += 21
    assert [post(bench, Stripe_Signature=None).status_code for _ in range(2)] == [401, 429]


def test_a_signed_event_from_a_limited_source_is_kept_and_counted_by_lane(bench):
    limiting(bench)
    for _ in range(9):
        post(bench, Stripe_Signature=None)
    assert post(bench).status_code == post(bench, CRISIS).status_code == 200
    count = bench.door.metrics.registry.get_sample_value
    assert count("carelane_webhook_flood_exemptions_total", {"lane": "crisis"}) == 1
    assert count("carelane_webhook_flood_exemptions_total", {"lane": "standard"}) == 1


addresses = st.sampled_from(["192.0.2.1", "192.0.2.2", "2001:db8::1"])
requests = st.lists(st.tuples(st.booleans(), addresses, st.sampled_from([0, 0, 0, 1, 61])), max_size=20)
FORGED = {"Stripe_Signature": "t=1,v1=" + "0" * 64}


@settings(max_examples=40, deadline=None)
@given(requests, addresses, st.integers(min_value=0, max_value=3))
def test_whatever_comes_before_it_an_authentic_event_is_never_refused(story, flooded, per_minute):
    """In the end one source is limited for certain, where any is: what it signs is taken all the same."""
    bench, clock = build(), Clock()
    limiting(bench, per_minute, clock=clock)
    for is_signed, address, seconds in [*story, *[(False, flooded, 0)] * (per_minute + 1), (True, flooded, 0)]:
        clock.now += seconds
        answer = post(bench, address=address, **({} if is_signed else FORGED))
        assert answer.status_code == 200 if is_signed else answer.status_code in {401, 429}
    assert post(bench, address=flooded, **FORGED).status_code == (429 if per_minute else 401)
    bench.settled()


def test_more_sources_than_it_has_room_for_cost_no_more_memory():
    flood = Flood(1, clock=Clock(), most_sources=100)
    for number in range(10_000):
        flood.is_limited_after(f"source-{number}")
    assert flood.sources == 100
    assert flood.is_limited_after("source-9999")


def test_without_a_limit_nothing_is_limited_and_nothing_remembered():
    flood = Flood(0, clock=Clock())
    assert not any(flood.is_limited_after("a") for _ in range(1000))
    assert flood.sources == 0


@pytest.fixture
def listed(tmp_path):
    (tmp_path / "list").write_text("198.51.100.7\n")
    sources = SourceList(tmp_path / "list", copy=tmp_path / "copy")
    sources.refresh()
    return sources


@pytest.mark.parametrize("is_signed", [True, False])
def test_a_list_in_force_refuses_other_sources_whether_signed_or_not(bench, listed, is_signed):
    limiting(bench, sources=listed, mode="enforce")
    headers = {} if is_signed else {"Stripe_Signature": None}
    answer = post(bench, **headers)
    assert (answer.status_code, answer.get_json()) == (403, {"error": "SOURCE_NOT_ALLOWED"})
    assert post(bench, address="198.51.100.7", **headers).status_code == (200 if is_signed else 401)
    labels = {"signed": str(is_signed).lower(), "mode": "enforce"}
    assert bench.door.metrics.registry.get_sample_value("carelane_webhook_source_violations_total", labels) == 1


def test_a_list_that_is_only_watched_counts_and_refuses_nobody(bench, listed):
    limiting(bench, sources=listed, mode="monitor")
    assert post(bench).status_code == 200
    labels = {"signed": "true", "mode": "monitor"}
    assert bench.door.metrics.registry.get_sample_value("carelane_webhook_source_violations_total", labels) == 1


def test_a_list_that_was_never_read_forbids_nobody(bench, tmp_path):
    sources = SourceList(tmp_path / "missing", copy=tmp_path / "copy")
    sources.refresh()
    limiting(bench, sources=sources, mode="enforce")
    assert post(bench).status_code == 200


def test_refusals_are_told_by_code_and_source_and_a_flood_as_counts(bench):
    armour = limiting(bench)
    for _ in range(100):
        post(bench, Stripe_Signature=None)
    assert armour.tally.take() == {("MISSING_SIGNATURE", "203.0.113.9"): 3, ("RATE_LIMITED", "203.0.113.9"): 97}
    assert armour.tally.take() == {}


def test_of_a_flood_the_log_has_no_more_lines_than_the_allowance(bench):
    limiting(bench)
    with capture_logs() as logs:
        for _ in range(50):
            post(bench, Stripe_Signature=None)
            post(bench, address="203.0.113.10", Content_Encoding="gzip")
    assert [entry["action"] for entry in logs] == ["webhook.refused"] * 6


def test_what_is_stale_compressed_or_too_large_keeps_its_own_code_in_a_flood(bench):
    limiting(bench, per_minute=1)
    for _ in range(3):
        post(bench, Stripe_Signature=None)
    stale = header(BODY, 1_790_000_000 - 400)
    answers = [
        post(bench, Stripe_Signature=stale),
        post(bench, Content_Encoding="gzip"),
        post(bench, b"x" * 30_000),
    ]
    codes = [answer.get_json()["error"] for answer in answers]
    assert codes == ["REPLAY_ATTACK", "UNSUPPORTED_ENCODING", "BODY_TOO_LARGE"]


def test_the_count_of_refusals_is_bounded_and_loses_none():
    tally = Tally(most=5)
    for number in range(1000):
        tally.note("INVALID_SIGNATURE", f"source-{number}")
    taken = tally.take()
    assert (len(taken), sum(taken.values()), taken["INVALID_SIGNATURE", OTHERS]) == (6, 1000, 995)
    tally.note("INVALID_SIGNATURE", "source-0")
    tally.put_back(taken)
    assert sum(tally.take().values()) == 1001
