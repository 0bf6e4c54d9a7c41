"""What is read of an event at the door, and that no body of any kind stops the reading."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.envelope import Envelope, read
from tests.factories.events import ABSENT, PAYLOADS, event, raw

SUBSCRIPTION = "basil/customer.subscription.updated"
INVOICE = "basil/invoice.payment_failed"


def changed(name=SUBSCRIPTION, **changes):
    return read(raw(event(name, **changes)))


def test_a_snapshot_event_tells_who_and_what():
    sent = event(SUBSCRIPTION, created=1_790_000_000, livemode=True, account="acct_1")
    kept = read(raw(sent))
    thing = sent["data"]["object"]
    assert (kept.id, kept.type, kept.api_version) == (sent["id"], sent["type"], sent["api_version"])
    assert (kept.account, kept.livemode) == ("acct_1", True)
    assert (kept.object_kind, kept.object_id, kept.customer_id) == ("subscription", thing["id"], thing["customer"])
    assert kept.created == datetime.fromtimestamp(1_790_000_000, UTC)
    assert kept.marked_crisis is False


@pytest.mark.parametrize("path", sorted(PAYLOADS.rglob("*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_payload_of_every_version_has_an_envelope(path):
    sent = json.loads(path.read_text("utf-8"))
    kept = read(path.read_bytes())
    assert (kept.id, kept.type, kept.livemode) == (sent["id"], sent["type"], sent["livemode"])
    assert kept.object_id is not None
    assert kept.created is not None


def test_a_thin_event_is_named_by_its_related_object():
    name = "thin/v1.customer.subscription.updated"
    sent = event(name, created="2026-10-01T12:30:00.250Z")
    kept = read(raw(sent))
    assert (kept.object_kind, kept.object_id) == (sent["related_object"]["type"], sent["related_object"]["id"])
    assert kept.created == datetime(2026, 10, 1, 12, 30, 0, 250_000, tzinfo=UTC)


def test_an_expanded_customer_is_known_by_its_id():
    assert (
        changed(**{"data.object.customer": {"id": "cus_expanded", "object": "customer"}}).customer_id == "cus_expanded"
    )


def test_an_event_about_a_customer_is_that_customers():
    about = {"data.object": {"object": "customer", "id": "cus_self"}, "type": "customer.updated"}
    assert changed(**about).customer_id == "cus_self"


@pytest.mark.parametrize(
    "place",
    [
        {"metadata": {"crisis": "true"}},
        {"subscription_details": {"metadata": {"crisis": "true"}}},
        {"parent": {"subscription_details": {"metadata": {"crisis": "true"}}}},
    ],
)
def test_a_crisis_mark_is_found_wherever_stripe_puts_metadata(place):
    assert changed(INVOICE, **{"data.object": {"object": "invoice", "id": "in_1"} | place}).marked_crisis


@pytest.mark.parametrize("mark", ["false", "", True, 1, None, ["true"], {"true": 1}])
def test_any_other_mark_is_no_crisis_mark(mark):
    assert not changed(**{"data.object.metadata": {"crisis": mark}}).marked_crisis


@pytest.mark.parametrize(
    "odd", [None, 5, 1.5, True, [], {}, ["x"], {"id": 7}, "", "nul\0inside", "x" * 256, "x" * 100_000]
)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("account", "account"),
        ("api_version", "api_version"),
        ("data.object.customer", "customer_id"),
        ("data.object.id", "object_id"),
        ("data.object.object", "object_kind"),
    ],
)
def test_an_odd_optional_field_is_nothing(path, name, odd):
    kept = changed(**{path: odd})
    assert getattr(kept, name) is None
    assert kept.type == "customer.subscription.updated"


@pytest.mark.parametrize(
    "created",
    [
        None, True, -1, 2**40, 2**64, 1e300, 1.5, "", "soon", "2026-10-01", "2026-10-01T00:00:00", [], {}, "\0",
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", ABSENT,
    ],
)  # fmt: skip
def test_a_time_out_of_all_reason_is_no_time(created):
    assert changed(created=created).created is None


@pytest.mark.parametrize("livemode", [None, "true", 1, [], ABSENT])
def test_a_livemode_that_is_no_truth_value_is_unknown(livemode):
    assert changed(livemode=livemode).livemode is None


@pytest.mark.parametrize("data", [None, 5, "x", [], {}, {"object": None}, {"object": []}, {"object": "cus_1"}])
def test_an_event_without_a_readable_object_is_an_event(data):
    kept = changed(data=data)
    assert kept.type == "customer.subscription.updated"
    assert (kept.object_kind, kept.object_id, kept.customer_id) == (None, None, None)


def test_a_long_or_unstorable_type_keeps_its_event():
    assert changed(type="x" * 1000).type == "x" * 255
    assert changed(type="a\0b").type == "a\ufffdb"
    assert changed(type="").type == ""


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"1", b'"evt_1"', b"{}", b"{", b"\xff\xfe", b"\0",
        b'{"id": "evt_1"}', b'{"type": "x"}', b'{"id": 1, "type": "x"}', b'{"id": "evt_1", "type": null}',
        b'{"id": "", "type": "x"}', b'{"id": "evt 1", "type": "x"}', b'{"id": "evt_1\\n", "type": "x"}',
        b'{"id": "evt_\xc3\xa9", "type": "x"}', b'{"id": "' + b"e" * 256 + b'", "type": "x"}',
        b'\xef\xbb\xbf{"id": "evt_1", "type": "x"}', b'{"id": "evt_1", "type": "x", "n": NaN}',
        b'{"id": "evt_1", "type": "x", "s": "\\ud800"}', b"[" * 100_000,
        b'{"id": "evt_1", "type": "x", "d": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_event_is_kept_under_its_hash(body):
    assert read(body) == Envelope(id="sha256:" + hashlib.sha256(body).hexdigest())


def test_a_number_of_5000_digits_does_not_stop_the_reading():
    kept = read(b'{"id": "evt_1", "type": "x", "created": %s}' % (b"9" * 5000))
    assert kept.created is None


def test_of_a_repeated_key_the_last_one_counts():
    assert read(b'{"id": "evt_1", "type": "x", "id": "evt_2"}').id == "evt_2"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("account", "livemode", "created", "api_version", "data", "related_object", "type", "id")
EVENTS = st.dictionaries(st.sampled_from(FIELDS), JSON)
OBJECTS = st.dictionaries(
    st.sampled_from(["object", "id", "customer", "metadata", "parent", "subscription_details"]), JSON
)


def assert_storable(kept):
    for text in (
        kept.id,
        kept.type,
        kept.account,
        kept.api_version,
        kept.object_kind,
        kept.object_id,
        kept.customer_id,
    ):
        assert text is None or (len(text) <= 255 and "\0" not in text and text.encode() is not None)
    assert kept.livemode in {True, False, None}
    assert kept.created is None or kept.created.tzinfo is UTC


@settings(deadline=None, max_examples=300)
@given(body=st.binary(max_size=300))
def test_no_bytes_stop_the_reading(body):
    assert_storable(read(body))


@settings(deadline=None, max_examples=300)
@given(sent=EVENTS, thing=OBJECTS)
def test_no_json_stops_the_reading_and_all_of_it_can_be_stored(sent, thing):
    whole = {"id": "evt_1", "type": "x", "data": {"object": thing}} | sent
    assert_storable(read(json.dumps(whole).encode()))


@pytest.mark.parametrize(
    ("context", "account"),
    [("acct_1", "acct_1"), ("acct_1/acct_2", "acct_2"), (None, None), ("org_1", None), (7, None), ("", None)],
)
def test_a_thin_event_names_its_account_by_its_context(context, account):
    thin = {"id": "evt_1", "object": "v2.core.event", "type": "v1.payout.paid", "context": context, "account": "acct_9"}
    assert read(json.dumps(thin).encode()).account == account


def test_the_context_of_a_whole_event_is_not_its_account():
    whole = {"id": "evt_1", "object": "event", "type": "payout.paid", "context": "acct_1"}
    assert read(json.dumps(whole).encode()).account is None
