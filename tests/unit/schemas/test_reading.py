"""The envelope: what is an event, what is none, and what both say of it."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import SchemaError, Unreadable
from schemas.reading import read_event
from tests.factories.events import ABSENT, event, raw

CREATED = "acacia/customer.subscription.created"


def test_an_event_is_read_with_its_envelope() -> None:
    read = read_event(raw(event(CREATED, account="acct_1RoWan", livemode=True)))
    assert read.id == "evt_1RoWan20250002"
    assert read.type == "customer.subscription.created"
    assert read.created == datetime(2025, 1, 1, 12, tzinfo=UTC)
    assert (read.account, read.livemode, read.api_version) == ("acct_1RoWan", True, "2025-02-24.acacia")
    assert read.object["id"] == "sub_1RoWanCareLane0001"
    assert read.previous is None
    assert not read.is_thin


def test_an_update_tells_what_was_before() -> None:
    assert read_event(raw(event("2018/customer.subscription.updated"))).previous == {"status": "trialing"}


def test_a_thin_event_is_known_and_its_time_read() -> None:
    read = read_event(raw(event("thin/v1.customer.subscription.updated")))
    assert read.is_thin
    assert read.created == datetime(2026, 10, 5, 8, 15, 30, 250_000, tzinfo=UTC)
    assert read.object == {}


@pytest.mark.parametrize(
    ("context", "account"),
    [
        (None, None),
        (ABSENT, None),
        ("", None),
        ("acct_1", "acct_1"),
        ("acct_platform/acct_1", "acct_1"),
        ("org_1/acct_1", "acct_1"),
        ("org_1", None),
    ],
)
def test_a_thin_events_account_is_the_last_of_its_context(context: object, account: str | None) -> None:
    assert read_event(raw(event("thin/v1.customer.subscription.updated", context=context))).account == account


def test_only_a_thin_events_context_is_its_account() -> None:
    assert read_event(raw(event(CREATED, context="acct_1"))).account is None


def test_a_context_that_is_no_text_is_refused_with_its_path() -> None:
    with pytest.raises(SchemaError) as caught:
        read_event(raw(event("thin/v1.customer.subscription.updated", context=5)))
    assert caught.value.path == "context"


@pytest.mark.parametrize("created", [None, 5, "soon", "2026-10-05T08:15:30"])
def test_a_thin_events_time_without_a_zone_is_no_time(created: object) -> None:
    assert read_event(raw(event("thin/v1.customer.subscription.updated", created=created))).created is None


@pytest.mark.parametrize("created", [None, "1735732800", 1.5, True, -1, 10**15])
def test_a_created_that_is_not_unix_seconds_is_no_time(created: object) -> None:
    assert read_event(raw(event(CREATED, created=created))).created is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"evt_1"',
        b"NaN",
        b"\xff\xfe",
        b"[" * 100_000,
        b'\xef\xbb\xbf{"id":"evt_1","type":"x"}',
        b'{"id":"evt_1"}',
        b'{"id":"evt_1","type":""}',
        b'{"id":"evt_1","type":5}',
        b'{"type":"x"}',
        b'{"id":5,"type":"x"}',
        b'{"id":"","type":"x"}',
        b'{"id":"evt 1","type":"x"}',
        b'{"id":"evt_1\\n","type":"x"}',
        b'{"id":"' + b"e" * 256 + b'","type":"x"}',
    ],
)
def test_what_is_no_event_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_event(body)
    assert caught.value.code == "unparsable"
    assert caught.value.path is None
    assert caught.value.message


def test_a_refusal_carries_nothing_of_the_body() -> None:
    with pytest.raises(Unreadable) as caught:
        read_event(b'{"id": "evt_1", "note": "private" ')
    assert "private" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("account", 5, "a string is expected"),
        ("account", {"id": "acct_1"}, "a string is expected"),
        ("livemode", "true", "true or false is expected"),
    ],
)
def test_an_identity_that_is_malformed_is_refused_with_its_path(key: str, value: object, message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        read_event(raw(event(CREATED, **{key: value})))
    assert (caught.value.code, caught.value.path, caught.value.message) == ("schema", key, message)


@pytest.mark.parametrize("data", [ABSENT, None, [], "x", {}, {"object": "event"}, {"object": None}])
def test_a_type_nobody_handles_may_have_any_data(data: object) -> None:
    read = read_event(raw(event(CREATED, type="price.updated", data=data, api_version=7)))
    assert (dict(read.object), read.previous, read.api_version) == ({}, None, None)


@given(st.binary(max_size=200))
def test_no_bytes_do_worse_than_unreadable(body: bytes) -> None:
    with contextlib.suppress(Unreadable, SchemaError):
        read_event(body)
