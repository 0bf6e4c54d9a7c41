"""A fuzz run of all that reads what a stranger sends: it answers by a value or by an error of its own, nothing else."""

import json
from contextlib import suppress
from ipaddress import ip_network

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingress import origin
from ingress.webhook import signature, sources
from schemas import catalog
from schemas.errors import SchemaError, Unreadable
from schemas.reading import read_event
from shared import envelope
from shared.rules.emergency import normal
from tests.factories.deliveries import SECRET
from tests.factories.events import event, raw
from tests.factories.payloads import NAMES

EXAMPLES = settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
NOW = 1_790_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
PIECES = st.sampled_from(
    ["t=", "v1=", "v0=", ",", "=", " ", str(NOW), "0" * 64, "é", "\0", "10.0.0.1", "::1", "[", ":"]
)
NOISE = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=12).map("".join))
pytestmark = pytest.mark.chaos_long


def places(node, path=()):
    """Every place of a document, by its path."""
    yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, value in items:
        yield from places(value, (*path, name))


def put(node, path, value):
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value


@pytest.mark.case("33", injected="20,000 signature headers made up by chance", expected="refused, never an error")
@EXAMPLES
@given(sent=NOISE, body=st.binary(max_size=100))
def test_no_header_is_accepted_or_raises(sent, body):
    assert isinstance(signature.verify(sent, body, secrets=[SECRET], now=NOW), signature.Refused)
    signature.may_be(sent)


@pytest.mark.case("32", injected="20,000 bodies made up by chance", expected="read or kept as unparsable")
@EXAMPLES
@given(body=st.one_of(st.binary(max_size=300), JSON.map(lambda value: json.dumps(value).encode())))
def test_no_body_stops_the_door_or_the_reader(body):
    assert envelope.read(body).id
    with suppress(Unreadable, SchemaError):
        read_event(body)


@pytest.mark.case("40", injected="20,000 payloads with one place changed", expected="a fact, or dead with the path")
@EXAMPLES
@given(name=st.sampled_from(NAMES), data=st.data(), value=JSON)
def test_no_change_of_a_payload_is_a_fault_of_ours(name, data, value):
    document = json.loads(raw(event(name)))
    inside = [path for path in places(document["data"]["object"]) if path]
    put(document["data"]["object"], data.draw(st.sampled_from(inside)), value)
    with suppress(Unreadable, SchemaError):
        catalog.validate(read_event(json.dumps(document).encode()))


@pytest.mark.case("52", injected="20,000 addresses and codes made up by chance", expected="a value, never an error")
@EXAMPLES
@given(client=NOISE, forwarded=st.none() | NOISE)
def test_no_address_and_no_code_raises(client, forwarded):
    origin.named(origin.source(origin.Peer(client, forwarded), [ip_network("10.0.0.0/8"), ip_network("::/8")]))
    normal(client)


@EXAMPLES
@given(text=st.one_of(st.binary(max_size=200), JSON.map(lambda value: json.dumps(value).encode())))
def test_no_file_of_sources_raises_anything_else(text, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "sources"
    path.write_bytes(text)
    with suppress(ValueError, OSError):
        assert sources.read(path)
